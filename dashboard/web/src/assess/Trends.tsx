import { t } from "../text/locale";
import type { Trend } from "./contract";
import { trendText } from "./words";

/** Vitals whose trend stands in the respiratory view. */
export const breathing = ["rr", "spo2"];

/** Where circulation is going; breathing has its own view. */
export function Trends({ trends }: { trends: Trend[] }) {
  const rest = trends.filter((trend) => !breathing.includes(trend.vital));
  if (!rest.some(trendText)) return null;
  return (
    <section>
      <h3>{t("trend.heading")}</h3>
      <TrendLines trends={rest} />
    </section>
  );
}

/** One sentence a vital; nothing for one of which nothing may be said. */
export function TrendLines({ trends }: { trends: Trend[] }) {
  return (
    <ul class="trends">
      {trends.map((trend) => {
        const text = trendText(trend);
        return text && <li key={trend.vital} class={trend.reach === null ? "" : "is-heading"}>{text}</li>;
      })}
    </ul>
  );
}
