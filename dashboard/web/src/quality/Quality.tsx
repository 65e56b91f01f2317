import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../app/api";
import type { Board } from "../live/board";
import { now } from "../live/clock";
import { tell } from "../sheet/acting";
import { date, num } from "../text/format";
import { code, t } from "../text/locale";
import { Choice } from "../ui/Choice";
import { Sheet } from "../ui/Sheet";
import { Bars } from "./Bars";
import type { Evidence, Goal } from "./contract";
import { Breaches, Responses } from "./Responses";
import { reasonBars, shareBars } from "./rows";
import { shareText } from "./words";

const day = 86_400_000;
const spans = ["1", "7", "30"] as const;
const tables = ["alerts", "tellings", "responses", "breaches", "burden", "ppv", "channels"] as const;

/** What alerts cost here and what they yield, against the goals; every figure with what it was made from. */
export function Quality({ board, close }: { board: Board; close(): void }) {
  const days = useSignal<(typeof spans)[number]>("7");
  const all = useSignal<"ward" | "all">("ward");
  const got = useSignal<Evidence | null>(null);
  const to = useSignal(Math.round(now()));
  const query = `ward=${all.value === "ward" ? encodeURIComponent(board.ward) : ""}&from=${to.value - Number(days.value) * day}&to=${to.value}`;
  useEffect(() => {
    got.value = null;
    call<Evidence>("GET", `/quality/alerts?${query}`).then((r) => (got.value = r), tell);
  }, [query]);
  const r = got.value;
  return (
    <Sheet title={t("quality.title")} close={close}>
      <Choice label={t("quality.span")} value={days.value} choose={(v) => (days.value = v)} of={spans.map((d) => [d, t("quality.days", { n: d })])} />
      <Choice label={t("quality.where")} value={all.value} choose={(v) => (all.value = v)} of={[["ward", board.name.value], ["all", t("quality.all_wards")]]} />
      {!r && <p class="person">{t("app.loading_part")}</p>}
      {r && <Figures of={r} />}
      <section>
        <h3>{t("quality.csv")}</h3>
        <div class="row">
          {tables.map((table) => (
            <a key={table} class="button" href={`/api/v1/quality/alerts.csv?${query}&table=${table}`} download>
              {t(`quality.table.${table}`)}
            </a>
          ))}
        </div>
      </section>
    </Sheet>
  );
}

function Figures({ of: r }: { of: Evidence }) {
  return (
    <>
      <p class="person">
        {date(r.from)} – {date(r.to)} · {t("quality.made_from", { alerts: r.alerts, days: num(r.patient_days, 1) })}
      </p>
      <Goals goals={r.goals ?? []} />
      <Responses of={r.responses} />
      <Breaches list={r.breaches ?? []} />
      <section>
        <h3>{t("quality.burden")}</h3>
        <Bars rows={(r.burden.interruptions ?? []).map((x) => ({ name: code("role", x.name), value: x.value, text: x.value === null ? "–" : num(x.value, 2), n: x.n }))} unit={t("quality.per_patient_day")} />
        <h4>{t("quality.top_beds")}</h4>
        <Bars
          rows={(r.burden.beds ?? []).slice(0, 5).map((b) => ({ name: `${b.bed} ${b.ward}`, value: b.clinical + b.device_alarm + b.technical, text: t("quality.kinds", { clinical: b.clinical, device: b.device_alarm, technical: b.technical }), n: null }))}
          unit=""
        />
      </section>
      <section>
        <h3>{t("quality.yield")}</h3>
        <p>{t("quality.ppv", { share: shareText(r.yield.ppv) })}</p>
        <p class="small">{t("quality.ppv_rest", { uncoded: r.yield.uncoded, unknown: r.yield.unknown, itself: r.yield.by_itself, open: r.yield.open })}</p>
        <Bars rows={reasonBars(r.yield.reasons ?? [])} unit="" />
      </section>
      <section>
        <h3>{t("quality.holding")}</h3>
        <Bars rows={shareBars(r.holding ?? [], "holding")} unit="" />
      </section>
      <section>
        <h3>{t("quality.channels")}</h3>
        <Bars rows={(r.channels ?? []).map((c) => ({ name: c.name, value: c.undelivered.value, text: `${t("quality.undelivered")} ${shareText(c.undelivered)}`, n: c.made }))} unit="" most={1} />
      </section>
      <p>{t("quality.unanswered", { share: shareText(r.unanswered) })}</p>
    </>
  );
}

function Goals({ goals }: { goals: Goal[] }) {
  return (
    <section>
      <h3>{t("quality.goals")}</h3>
      <table class="working">
        <tbody>
          {goals.map((g) => (
            <tr key={g.name}>
              <th scope="row">{code("quality.goal", g.name)}</th>
              <td>
                {g.rate.value === null ? "–" : num(g.rate.value, 2)}
                <small>{`n = ${g.rate.n}`}</small>
              </td>
              <td>
                ≤ {num(g.limit, g.limit % 1 ? 1 : 0)}
                <small>{g.met === null ? t("quality.no_data") : t(g.met ? "quality.met" : "quality.not_met")}</small>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="small">{goals[0]?.sensitivity == null ? t("quality.no_sensitivity") : t("quality.sensitivity", { value: num(goals[0].sensitivity * 100), of: goals[0].sensitivity_of })}</p>
    </section>
  );
}
