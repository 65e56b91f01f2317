import type { PartialReason } from "../live/contract";
import { briefly } from "../tile/TileFoot";
import { code, t } from "../text/locale";

const reasons: readonly PartialReason[] = ["monitored", "asleep", "refused", "away", "emergency", "device_unavailable", "doctor_order", "other"];

/** Asks why a set is not complete; one tap answers and saves. */
export function Reason(p: { lacks: string[]; monitored: boolean; busy: boolean; choose(r: PartialReason): void; back(): void }) {
  return (
    <section class="form">
      <h3>{t("chart.partial")}</h3>
      {p.lacks.length > 0 && <p>{t("score.missing", { inputs: briefly(p.lacks) })}</p>}
      <div class="column">
        {reasons
          .filter((r) => p.monitored || r !== "monitored")
          .map((r) => (
            <button key={r} type="button" class="button button-tall" disabled={p.busy} onClick={() => p.choose(r)}>
              <span class="sentence">{code("partial", r)}</span>
            </button>
          ))}
      </div>
      <button type="button" class="button" onClick={p.back}>
        {t("chart.back")}
      </button>
    </section>
  );
}
