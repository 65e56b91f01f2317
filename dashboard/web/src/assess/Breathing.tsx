import type { ComponentChildren } from "preact";
import { isClinical } from "../app/session";
import { now } from "../live/clock";
import type { Tile } from "../live/contract";
import { moment, num } from "../text/format";
import { code, t } from "../text/locale";
import { oxygen } from "../tile/vitals";
import type { Assessment, Respiratory, RespiratoryRow, Trend } from "./contract";
import { ForecastLine } from "./ForecastLine";
import { breathing, TrendLines } from "./Trends";
import { rowText, withheldText } from "./words";

/** All that is known of one person's breathing, in one view. */
export function Breathing({ assessment, tile, at }: { assessment: Assessment; tile: Tile; at: number }) {
  const view = assessment.respiratory;
  const trends = assessment.trends.filter((trend) => breathing.includes(trend.vital));
  const forecasts = assessment.forecasts.filter((f) => f.hours.length > 0);
  if (!view && trends.length === 0 && forecasts.length === 0) return null;
  const told = (trend: Trend) => view?.rows.some((r) => r.code === `trend_${trend.vital}`); // by a row, then
  return (
    <section>
      <h3>{t("resp.heading")}</h3>
      {view && <Facts view={view} tile={tile} />}
      {view && <Rows view={view} trends={trends} />}
      <TrendLines trends={trends.filter((trend) => !told(trend))} />
      {forecasts.map((f) => (
        <ForecastLine key={f.vital} forecast={f} tile={tile} at={at} />
      ))}
      {forecasts.length > 0 && <p class="small">{t("forecast.interval")}</p>}
    </section>
  );
}

function Facts({ view, tile }: { view: Respiratory; tile: Tile }) {
  return (
    <dl class="facts">
      <Fact name="ROX">{ratio(view.rox, view.rox_low, view.estimated, 1)}</Fact>
      <Fact name="S/F">{ratio(view.sf, view.sf_low, view.estimated, 0)}</Fact>
      <Fact name={t("vital.o2_device")}>{view.device ? oxygen(tile, false) : t("part.missing")}</Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

// An estimated fraction is a range: the ratio is one too.
function ratio(value: number | null, low: number | null, estimated: boolean, decimals: number): ComponentChildren {
  if (value === null) return t("part.missing");
  const spread = low === null || low === value ? num(value, decimals) : `${num(low, decimals)}–${num(value, decimals)}`;
  return (
    <>
      {spread}
      {estimated && <small>{t("resp.estimated")}</small>}
    </>
  );
}

function Rows({ view, trends }: { view: Respiratory; trends: Trend[] }) {
  return (
    <>
      {view.withheld && <p>{t("resp.withheld", { reason: withheldText(view.withheld, []) })}</p>}
      {view.rows.length > 0 && (
        <ul class="flags">
          {view.rows.map((r) => (
            <li key={r.code + r.finding} class={`flag flag-${r.band}`}>
              <b>{rowText(r, trends)}</b>
              <span class="small">{facts(r)}</span>
              {r.finding && isClinical() && (
                <button type="button" class="button flag-more" aria-label={`${t("imaging.look")}: ${rowText(r, trends)}`} onClick={() => lookAt(r.finding)}>
                  {t("imaging.look")}
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

/** Brings the finding that a row rests on into view. */
function lookAt(finding: string): void {
  const line = document.getElementById(`finding-${finding}`);
  (line?.closest("article") ?? line)?.scrollIntoView({ block: "start" });
  line?.focus({ preventScroll: true });
}

// How bad a row is, where it is bad: that one is not must reassure nobody.
function facts(r: RespiratoryRow): string {
  const bad = r.band === "high" || r.band === "medium";
  return [r.unread ? t("resp.unread") : "", bad ? code("band", r.band) : "", r.at ? moment(r.at, now()) : "", aged(r), source(r.source)].filter(Boolean).join(" · ");
}

/** That a finding counts for less by its age, or raises nothing any more. */
function aged(r: RespiratoryRow): string {
  return r.age === "fading" || r.age === "context" ? t(`imaging.age.${r.age}`) : "";
}

/** Where a row is from. What is ours is named so. */
function source(s: string): string {
  return s.startsWith("proposal") ? t("resp.proposal") : s;
}
