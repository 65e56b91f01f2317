import type { Board } from "../live/board";
import { second } from "../live/clock";
import { age, clock } from "../text/format";
import { t } from "../text/locale";

/** Covers the board when the server has been silent too long: old figures must not look live. */
export function Lost({ board }: { board: Board }) {
  if (board.link.value !== "lost") return null;
  const since = board.heard.value;
  return (
    <div class="lost" role="alert">
      <p class="lost-title">{since ? t("lost.title", { time: clock(since) }) : t("lost.never")}</p>
      {since > 0 && <p class="lost-text">{t("lost.text")}</p>}
      <p class="lost-more" aria-live="off">
        {since > 0 && t("lost.for", { age: age(second.value - since, true) }) + " · "}
        {t("lost.retrying")}
      </p>
    </div>
  );
}
