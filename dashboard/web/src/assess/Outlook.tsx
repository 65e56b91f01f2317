import { fiveSeconds } from "../live/clock";
import type { Board } from "../live/board";
import type { Tile } from "../live/contract";
import { age } from "../text/format";
import { t } from "../text/locale";
import { useAssessment } from "./fetch";
import { Breathing } from "./Breathing";
import { Risks } from "./Risks";
import { Trends } from "./Trends";

/** What is foretold of the person in the bed: breathing, models, trends. Old words are greyed, then gone. */
export function Outlook({ board, tile }: { board: Board; tile: Tile }) {
  const { assessment, failed } = useAssessment(board.ward, tile);
  const at = fiveSeconds.value;
  if (!tile.stay || tile.apart) return null;
  if (!tile.assessed || at > tile.assessed.shown_until) return <p class="person">{t("assess.none")}</p>;
  if (!assessment) return failed ? <p class="notice">{t("assess.failed")}</p> : null;
  const old = at > assessment.fresh_until;
  return (
    <div class={`outlook${old ? " is-old" : ""}`}>
      {old && <p class="notice">{t("assess.old", { age: age(at - assessment.at) })}</p>}
      <Breathing assessment={assessment} tile={tile} at={at} />
      <Risks risks={assessment.risks} at={at} />
      <Trends trends={assessment.trends} />
    </div>
  );
}
