import type { ReadonlySignal } from "@preact/signals";
import { fiveSeconds } from "../live/clock";
import type { Score, Tile } from "../live/contract";
import { age, clock } from "../text/format";
import { code, t } from "../text/locale";
import { chartName } from "../tile/ScoreBlock";
import { doubtText, inputOf, line, oxygen, spoken, usualInputs, type Line } from "../tile/vitals";
import { OwnMark, Points } from "../tile/VitalLine";

/** What people chart of a child whether or not a chart counts it. */
const unscored = ["resp_distress", "cap_refill"];

/** How the score is made: each input with its value, age, source and points. */
export function Working({ tile, limits }: { tile: Tile; limits: ReadonlySignal<Record<string, number>> }) {
  const at = fiveSeconds.value;
  const scored = tile.score?.parts.map(inputOf) ?? [...usualInputs];
  const inputs = [...scored, ...unscored.filter((i) => i in tile.vitals && !scored.includes(i))];
  const lines = inputs.map((i) => line(tile, i, limits.value, at));
  return (
    <section>
      <h3>{t("score.working")}</h3>
      {tile.score && <Sum score={tile.score} />}
      <table class="working">
        <thead>
          <tr>
            <th scope="col">{t("vital.input")}</th>
            <th scope="col">{t("vital.value")}</th>
            <th scope="col">{t("vital.age")}</th>
            <th scope="col">{t("score.points_head")}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((l) => (
            <Row key={l.input} line={l} tile={tile} at={at} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Sum({ score }: { score: Score }) {
  if (score.refused) return <p class="notice">{`${t("score.no_chart")} (${code("refused", score.refused)}).`}</p>;
  const points = score.complete ? `${t("score.total")} ${score.total}` : `${t("score.at_least")} ${score.lower_bound}`;
  return (
    <>
      <p class={`sum band-${score.band}`}>
        <b>{`${chartName(score)} – ${points}`}</b> · {`${score.have}/${score.need}`} · {code("band", score.band)}
      </p>
      {score.held && <p class="notice">{t("score.held_since", { time: clock(score.held_since) })}</p>}
      {score.lost && <p class="notice">{t("score.lost_since", { time: clock(score.last_data) })}</p>}
      {score.check && <p class="notice is-urgent">{t("score.check", { vital: code("vital", score.check) })}</p>}
    </>
  );
}

function Row({ line: l, tile, at }: { line: Line; tile: Tile; at: number }) {
  const value = l.input === "o2" && l.text ? oxygen(tile, false) : spoken(l);
  const state = stateText(l, tile);
  return (
    <tr class={l.stale || l.doubtful ? "is-stale" : ""}>
      <th scope="row">{code("vital", l.input)}</th>
      <td>
        {l.stale ? <s>{value}</s> : value}
        {l.doubtful && " ?"}
        {l.own && <OwnMark />}
        {state && <small>{state}</small>}
      </td>
      <td>
        {l.text && age(at - l.at, true)}
        {l.source && <small>{code("source", l.source)}</small>}
      </td>
      <td>{l.points === null ? "–" : l.points === 0 ? "0" : <Points n={l.points} />}</td>
    </tr>
  );
}

// Why a value does not count: its age, or what speaks against believing it.
function stateText(l: Line, tile: Tile): string {
  const part = tile.score?.parts.find((p) => inputOf(p) === l.input);
  const state = part && part.state !== "present" && part.state !== "implausible" ? code("part", part.state) : l.stale ? t("part.stale") : "";
  return [state, l.doubtful ? doubtText(l) : ""].filter(Boolean).join(" · ");
}
