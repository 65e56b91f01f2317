import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Board } from "../live/board";
import type { Alert } from "../live/contract";
import { bedName } from "../text/format";
import { t } from "../text/locale";
import { mayAct } from "../app/session";
import { byUrgency, causes, owner, priority, unaccepted } from "./alerts";
import { Countdown } from "../tile/TileFoot";
import { useActing } from "../sheet/acting";
import { PriorityMark } from "../ui/icons";

/** The alerts that need somebody: unaccepted ones first, then those whose owner is on the way. */
export function Strip({ board, open, still }: { board: Board; open(bed: string): void; still: boolean }) {
  const alerts = board.alerts.value.filter((a) => unaccepted(a) || a.state === "accepted").sort(byUrgency);
  const list = useRef<HTMLUListElement>(null);
  const hidden = useHidden(list, alerts.length);
  return (
    <section class="strip" aria-label={t("alert.heading")}>
      {alerts.length === 0 ? (
        <p class="strip-none">{t("alert.none")}</p>
      ) : (
        <ul ref={list} class="strip-list" tabIndex={0}>
          {alerts.map((a) => (
            <Card key={a.id} alert={a} board={board} open={open} still={still} />
          ))}
        </ul>
      )}
      {hidden > 0 && <p class="strip-more">{t("alert.more", { n: hidden })}</p>}
    </section>
  );
}

// How many cards lie beyond the strip's right edge. A list that runs downwards hides none.
function useHidden(list: { current: HTMLElement | null }, cards: number): number {
  const hidden = useSignal(0);
  useLayoutEffect(() => {
    const el = list.current;
    if (!el) {
      hidden.value = 0;
      return;
    }
    const count = () => {
      const edge = el.getBoundingClientRect().right + 4;
      hidden.value = [...el.children].filter((c) => c.getBoundingClientRect().right > edge).length;
    };
    count();
    const watcher = new ResizeObserver(count);
    watcher.observe(el);
    el.addEventListener("scroll", count, { passive: true });
    return () => {
      watcher.disconnect();
      el.removeEventListener("scroll", count);
    };
  }, [cards]);
  return hidden.value;
}

interface CardProps {
  alert: Alert;
  board: Board;
  open(bed: string): void;
  still: boolean;
}

function Card({ alert, board, open, still }: CardProps) {
  const waits = unaccepted(alert);
  const label = bedName(board.bed(alert.bed)?.tile.value.label ?? alert.bed);
  return (
    <li class={`card alert-${priority(alert)}${waits ? " has-unaccepted" : ""}`} data-alert={alert.id} data-state={alert.state}>
      <button type="button" class="card-open" disabled={still} onClick={() => open(alert.bed)}>
        <PriorityMark of={priority(alert)} />
        <span class="card-bed">{label}</span>
        <span class="card-words">
          <span class="card-cause">{causes(alert)}</span>
          <span class="card-owner">
            {!waits && owner(alert, 24)} <Countdown alert={alert} words />
          </span>
        </span>
      </button>
      {!still && mayAct() && <Next alert={alert} board={board} />}
    </li>
  );
}

/** The one deed that comes next: accept, then being there. */
function Next({ alert, board }: { alert: Alert; board: Board }) {
  const acting = useActing(board);
  const deed = unaccepted(alert) ? "accept" : "at_bedside";
  return (
    <button
      type="button"
      class={`button ${deed === "accept" ? "button-main" : ""} card-do`}
      data-do={deed}
      disabled={acting.busy.value || board.link.value !== "live"}
      onClick={() => void acting.act(alert, deed)}
    >
      {t(`alert.do.${deed}`)}
    </button>
  );
}
