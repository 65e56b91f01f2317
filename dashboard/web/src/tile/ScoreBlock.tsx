import type { Score } from "../live/contract";
import { clock } from "../text/format";
import { code, t } from "../text/locale";

/**
 * The score: the largest thing on a tile, in its band's colour block, with its completeness. Where
 * nobody is admitted a low score must not look like a well patient.
 */
export function ScoreBlock({ score, nobody }: { score: Score | null; nobody: boolean }) {
  if (!score) return <Plain sign="–" text={t("score.none")} />;
  if (score.refused) return <Plain sign="×" text={`${t("score.refused")}: ${code("refused", score.refused)}`} />;
  const label = code("band.short", score.band);
  return (
    <div class={`score band-${score.band}${score.held ? " held" : ""}${nobody ? " nobody" : ""}`}>
      <span class="vh">{spokenScore(score)}</span>
      <span class="score-band" aria-hidden="true">
        {score.held ? `${t("score.held")}: ${label}` : label}
      </span>
      <span class={`score-number${score.complete ? "" : " partial"}`} aria-hidden="true">
        {score.have === 0 ? "?" : score.complete ? score.total : <><small>≥</small>{score.lower_bound}</>}
      </span>
      <span class="score-foot" aria-hidden="true">
        <span class="score-have">{`${score.have}/${score.need}`}</span>
        <Trend change={score.trend} />
      </span>
    </div>
  );
}

function Plain({ sign, text }: { sign: string; text: string }) {
  return (
    <div class="score band-none">
      <span class="score-number" aria-hidden="true">
        {sign}
      </span>
      <span class="score-text">{text}</span>
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
  const parts = [`${t("score.name")} ${number}`, `${score.have}/${score.need}`, code("band", score.band)];
  if (score.held) parts.push(t("score.held_since", { time: clock(score.held_since) }));
  if (score.trend !== null) parts.push(spokenTrend(score.trend));
  return parts.join(", ");
}

function spokenTrend(change: number): string {
  if (change === 0) return t("score.trend_same");
  return t(change > 0 ? "score.trend_up" : "score.trend_down", { n: Math.abs(change) });
}
