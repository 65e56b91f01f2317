import { fiveSeconds } from "../live/clock";
import type { Charted, Part, Tile } from "../live/contract";
import { age, moment } from "../text/format";
import { code, t } from "../text/locale";
import { chartedPoints } from "../tile/shown";
import { briefly } from "../tile/TileFoot";
import { inputOf } from "../tile/vitals";

/** The last set that a person confirmed, what it lacks, and when the next one is due. */
export function ChartedSet({ tile }: { tile: Tile }) {
  const charted = tile.score?.charted;
  if (!tile.stay || !tile.score) return null;
  return (
    <section>
      <h3>{t("charted.heading")}</h3>
      {charted?.at ? <Set charted={charted} parts={tile.score.parts} scored={!tile.score.refused} /> : <p class="person">{t("charted.none")}</p>}
      {charted?.due && <Due at={charted.due} />}
    </section>
  );
}

function Set({ charted: c, parts, scored }: { charted: Charted; parts: Part[]; scored: boolean }) {
  const still = parts.filter((p) => p.at === c.at && p.source !== "device").map(inputOf);
  return (
    <>
      {scored && (
        <p class={`sum is-charted band-${c.band}`}>
          <b>{chartedPoints(c)}</b> · {code("band", c.band)}
        </p>
      )}
      <p>
        {moment(c.at ?? 0, fiveSeconds.value)} ({age(fiveSeconds.value - (c.at ?? 0), true)})
        {still.length > 0 && `: ${briefly(still)}`}
      </p>
      {c.partial && <p>{t("charted.partial", { reason: code("partial", c.partial) })}</p>}
    </>
  );
}

function Due({ at }: { at: number }) {
  const late = fiveSeconds.value - at;
  const time = moment(at, fiveSeconds.value);
  if (late < 0) return <p>{t("score.due", { time })}</p>;
  return <p class="notice">{`${t("score.overdue", { age: age(late) })} (${time})`}</p>;
}
