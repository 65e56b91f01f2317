import { useSignal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";
import type { Board } from "../live/board";
import type { Alert } from "../live/contract";
import { bedName } from "../text/format";
import { t } from "../text/locale";
import { mayAct } from "../app/session";
import { byUrgency, causes, lacking, priority, unaccepted, waiting } from "./alerts";
import { asksMe, lacks, lapsed, owner } from "./taken";
import { Countdown } from "../tile/TileFoot";
import { useActing } from "../sheet/acting";
import { PriorityMark } from "../ui/icons";

/** The alerts that need somebody: unaccepted ones first, then those that somebody still has to come to. */
export function Strip({ board, open, still }: { board: Board; open(bed: string): void; still: boolean }) {
  const alerts = board.alerts.value.filter((a) => unaccepted(a) || a.state === "accepted" || lacking(a)).sort(byUrgency);
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
      {hidden > 0 && (
        <button type="button" class="strip-more" disabled={still} aria-label={t("alert.show_more", { n: hidden })} onClick={() => turn(list.current)}>
          {t("alert.more", { n: hidden })}
        </button>
      )}
    </section>
  );
}

// Brings the next cards into view.
function turn(list: HTMLElement | null): void {
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
  list?.scrollBy({ left: list.clientWidth * 0.75, top: list.clientHeight * 0.75, behavior });
}

// How many cards are not wholly in view; on a phone the list runs downwards.
function useHidden(list: { current: HTMLElement | null }, cards: number): number {
  const hidden = useSignal(0);
  useLayoutEffect(() => {
    const el = list.current;
    if (!el) {
      hidden.value = 0;
      return;
    }
    const count = () => {
      const frame = el.getBoundingClientRect();
      const beyond = (r: DOMRect) => r.right > frame.right + 4 || r.bottom > frame.bottom + 4;
      hidden.value = [...el.children].filter((c) => beyond(c.getBoundingClientRect())).length;
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

/** Characters of a cause that a card holds in one line; longer ones take two smaller lines. */
const oneLine = 38;

/** Characters that who has an alert may take; from so many on they are set smaller, beside its clock. */
const ownerRoom = 36;
const besideClock = 26;

interface CardProps {
  alert: Alert;
  board: Board;
  open(bed: string): void;
  still: boolean;
}

function Card({ alert, board, open, still }: CardProps) {
  const waits = unaccepted(alert);
  const tile = board.bed(alert.bed)?.tile.value;
  const label = bedName(tile?.label ?? alert.bed);
  const why = causes(alert, tile?.score);
  const said = !waiting(alert) || alert.roles.some(lapsed);
  const who = lacks(alert, ownerRoom) || (said ? owner(alert, ownerRoom) : "");
  return (
    <li class={`card alert-${priority(alert)}${waits ? " has-unaccepted" : ""}`} data-alert={alert.id} data-state={alert.state}>
      <button type="button" class="card-open" disabled={still} onClick={() => open(alert.bed)}>
        <PriorityMark of={priority(alert)} />
        <span class="card-bed">{label}</span>
        <span class="card-words">
          <span class={`card-cause${why.length > oneLine ? " is-long" : ""}`}>{why}</span>
          <span class={`card-owner${who.length > besideClock ? " is-long" : ""}`}>
            {who} <Countdown alert={alert} words />
          </span>
        </span>
      </button>
      {!still && mayAct() && <Next alert={alert} board={board} />}
    </li>
  );
}

/** The one deed that comes next: accept, then being there. What waits for somebody else offers none. */
function Next({ alert, board }: { alert: Alert; board: Board }) {
  const acting = useActing(board);
  const deed = asksMe(alert) ? "accept" : "at_bedside";
  if (deed === "at_bedside" && alert.state === "at_bedside") return null;
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
