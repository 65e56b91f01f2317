import { useSignal } from "@preact/signals";
import { fiveSeconds } from "../live/clock";
import { moment } from "../text/format";
import { code, t } from "../text/locale";
import { Choice } from "../ui/Choice";
import { steps, type Breach, type Evidence, type Response } from "./contract";
import { seconds, shareText } from "./words";

const splits = ["all", "by_role", "by_band", "by_kind", "by_hour"] as const;

function groupName(by: (typeof splits)[number], name: string): string {
  if (by === "by_role") return code("role", name);
  if (by === "by_band") return code("band.short", name);
  if (by === "by_kind") return code("quality.kind", name);
  return by === "by_hour" ? `${name}:00` : "";
}

/** How long each step took, altogether or split. */
export function Responses({ of: r }: { of: Evidence["responses"] }) {
  const by = useSignal<(typeof splits)[number]>("all");
  const groups: Response[] = by.value === "all" ? [r.all] : (r[by.value] ?? []);
  return (
    <section>
      <h3>{t("quality.responses")}</h3>
      <Choice label={t("quality.split")} value={by.value} choose={(v) => (by.value = v)} of={splits.map((s) => [s, t(`quality.split.${s}`)])} />
      {groups.map((g) => (
        <table key={g.name ?? ""} class="working">
          <caption>{[groupName(by.value, g.name ?? ""), t("quality.rounds", { n: g.rounds })].filter(Boolean).join(" · ")}</caption>
          <thead>
            <tr>
              <th scope="col">{t("quality.step")}</th>
              <th scope="col">{t("quality.median")}</th>
              <th scope="col">{t("quality.p90")}</th>
              <th scope="col">{t("quality.within")}</th>
            </tr>
          </thead>
          <tbody>
            {steps.map((s) => (
              <tr key={s}>
                <th scope="row">
                  {t(`quality.step.${s}`)}
                  <small>{`n = ${g[s].n}`}</small>
                </th>
                <td>{seconds(g[s].median)}</td>
                <td>{seconds(g[s].p90)}</td>
                <td>{g[s].within ? shareText(g[s].within!) : "–"}</td>
              </tr>
            ))}
          </tbody>
        </table>
      ))}
    </section>
  );
}

/** Breaches shown; the rest is in the CSV. */
const most = 12;

export function Breaches({ list }: { list: Breach[] }) {
  return (
    <section>
      <h3>{t("quality.breaches", { n: list.length })}</h3>
      <ul class="breaches">
        {list.slice(0, most).map((b) => (
          <li key={b.alert + b.what + b.told}>
            <b>{t("board.bed", { bed: b.bed })}</b> {code("band.short", b.band)} · {code("quality.late", b.what)} {moment(b.due, fiveSeconds.value)} · +{seconds(b.late)}
            {(b.roles ?? []).length > 0 && ` · ${(b.roles ?? []).map((r) => code("role", r)).join(", ")}`}
          </li>
        ))}
      </ul>
    </section>
  );
}
