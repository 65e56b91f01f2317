import { useSignal } from "@preact/signals";
import { call } from "../app/api";
import { tell } from "../sheet/acting";
import { t } from "../text/locale";
import type { RosterReport } from "./contract";

/** Takes a roster as CSV; each line that is refused says why, and the others are taken. */
export function RosterImport({ done }: { done(): void }) {
  const report = useSignal<RosterReport | null>(null);
  const busy = useSignal(false);
  const send = async (file: File | undefined) => {
    if (!file) return;
    busy.value = true;
    report.value = null;
    try {
      report.value = await call<RosterReport>("POST", "/roster/import", file);
      done();
    } catch (e) {
      tell(e);
    } finally {
      busy.value = false;
    }
  };
  const r = report.value;
  return (
    <section>
      <h3>{t("roster.import")}</h3>
      <p class="small">{t("roster.import_how")}</p>
      <label class="button file">
        <input
          type="file"
          accept=".csv,text/csv"
          disabled={busy.value}
          onChange={(e) => {
            void send(e.currentTarget.files?.[0]);
            e.currentTarget.value = ""; // the same file, mended, may be chosen again
          }}
        />
        {t("roster.choose_file")}
      </label>
      <div role="status">
        {r && <p>{t("roster.report", { rows: r.rows, added: r.added, unchanged: r.unchanged })}</p>}
        {r && (r.refused ?? []).length > 0 && (
          <>
            <p class="notice">{t("roster.refused", { n: (r.refused ?? []).length })}</p>
            <table class="working">
              <thead>
                <tr>
                  <th scope="col">{t("roster.line")}</th>
                  <th scope="col">{t("alert.why")}</th>
                </tr>
              </thead>
              <tbody>
                {(r.refused ?? []).map((x) => (
                  <tr key={x.line}>
                    <th scope="row">{x.line}</th>
                    <td class="reason-cell">{x.reason}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </>
        )}
      </div>
    </section>
  );
}
