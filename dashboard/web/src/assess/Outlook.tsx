import { fiveSeconds } from "../live/clock";
import type { Board } from "../live/board";
import type { Tile } from "../live/contract";
import { isClinical } from "../app/session";
import { Pictures } from "../imaging/Pictures";
import { age } from "../text/format";
import { t } from "../text/locale";
import type { Assessment } from "./contract";
import { useAssessment } from "./fetch";
import { Breathing } from "./Breathing";
import { Risks } from "./Risks";
import { Trends } from "./Trends";

/**
 * What is foretold of the person in the bed: breathing with what imaging shows, models, trends. Old words
 * are greyed, then gone; pictures have an age of their own.
 */
export function Outlook({ board, tile }: { board: Board; tile: Tile }) {
  const { got, failed } = useAssessment(board.ward, tile);
  const at = fiveSeconds.value;
  if (!tile.stay || tile.apart) return null;
  const gone = !tile.assessed || at > tile.assessed.shown_until;
  const assessment = gone ? null : got;
  const old = !!assessment && at > assessment.fresh_until;
  return (
    <div class={`outlook${old ? " is-old" : ""}`}>
      <Note gone={gone} failed={failed && !got} old={old} assessment={assessment} at={at} />
      {assessment && <Breathing assessment={assessment} tile={tile} at={at} />}
      {isClinical() && <Pictures board={board} tile={tile} />}
      {assessment && <Risks risks={assessment.risks} at={at} />}
      {assessment && <Trends trends={assessment.trends} />}
    </div>
  );
}

function Note({ gone, failed, old, assessment, at }: { gone: boolean; failed: boolean; old: boolean; assessment: Assessment | null; at: number }) {
  if (gone) return <p class="person">{t("assess.none")}</p>;
  if (failed) return <p class="notice">{t("assess.failed")}</p>;
  return old && assessment ? <p class="notice">{t("assess.old", { age: age(at - assessment.at) })}</p> : null;
}
