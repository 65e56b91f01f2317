import { fiveSeconds } from "../live/clock";
import type { Score, Tile } from "../live/contract";
import { clock } from "../text/format";
import { code, t } from "../text/locale";
import { PenIcon } from "../ui/icons";
import { chartedPoints, shown, type Shown } from "./shown";

/**
 * The score: the largest thing on a tile, in its band's colour block, with its completeness. One that
 * people charted is outlined, with the time of its set. Where nobody is admitted a low score must not
 * look like a well patient.
 */
export function ScoreBlock({ tile }: { tile: Tile }) {
  const score = tile.score;
  if (!score) return <Plain text={t("score.none")} />;
  if (score.refused) return <LimitsOnly why={score.refused} />;
  const s = shown(tile, score, fiveSeconds.value);
  const label = code("band.short", s.band);
  const marks = [s.held && "held", s.charted && "is-charted", s.old && "is-old", !tile.stay && "nobody"].filter(Boolean);
  return (
    <div class={`score band-${s.band} ${marks.join(" ")}`}>
      <span class="vh">{spokenScore(score)}</span>
      <span class="score-band" aria-hidden="true">
        {s.held ? `${t("score.held")}: ${label}` : label}
      </span>
      <Points of={s} />
      <span class="score-foot" aria-hidden="true">
        {s.have && <span class="score-have">{s.have}</span>}
        {s.charted ? (
          <span class="score-charted">
            <PenIcon />
            {clock(s.charted.at)}
          </span>
        ) : (
          <Trend change={score.trend} />
        )}
      </span>
    </div>
  );
}

function Points({ of: { points, old } }: { of: Shown }) {
  const least = points.startsWith("≥");
  const digits = least ? <><small>≥</small>{points.slice(1)}</> : points;
  return (
    <span class={`score-number${least ? " partial" : ""}`} aria-hidden="true">
      {old ? <s>{digits}</s> : digits}
    </span>
  );
}

function Plain({ text }: { text: string }) {
  return (
    <div class="score band-none">
      <span class="score-number" aria-hidden="true">
        –
      </span>
      <span class="score-text">{text}</span>
    </div>
  );
}

/** No chart for this person: no number, and nothing that looks like one. */
function LimitsOnly({ why }: { why: string }) {
  return (
    <div class="score limits-only">
      <span class="vh">{t("score.no_chart")}: </span>
      <strong aria-hidden="true">{t("score.limits_only")}</strong>
      <span>{code("refused", why)}</span>
    </div>
  );
}

function Trend({ change }: { change: number | null }) {
  if (!change) return null; // what has not changed needs no mark
  return <span class="score-trend">{change > 0 ? `▲+${change}` : `▼−${-change}`}</span>;
}

/** The whole score in words. */
export function spokenScore(score: Score): string {
  const number = score.complete ? `${score.total}` : `${t("score.at_least")} ${score.lower_bound}`;
  const parts = [`${t("score.name", { chart: chartName(score) })} ${number}`, `${score.have}/${score.need}`, code("band", score.band)];
  if (score.held) parts.push(t("score.held_since", { time: clock(score.held_since) }));
  if (score.trend !== null) parts.push(spokenTrend(score.trend));
  const charted = score.charted;
  if (charted?.at) parts.push(t("score.charted_set", { time: clock(charted.at), score: chartedPoints(charted) }));
  return parts.join(", ");
}

/** What the chart of a score is called. */
export function chartName(score: Score): string {
  return code("score.chart", score.chart);
}

function spokenTrend(change: number): string {
  if (change === 0) return t("score.trend_same");
  return t(change > 0 ? "score.trend_up" : "score.trend_down", { n: Math.abs(change) });
}
