import { signal } from "@preact/signals";
import { session } from "../app/session";
import type { Tile } from "../live/contract";

/** Only this person's patients are on the board. It ends with the page: nobody may find half a ward by surprise. */
export const mine = signal(false);

/** Beds are being assigned: a tile is chosen or dragged, not opened. */
export const assigning = signal(false);
/** The stays chosen so far. */
export const chosen = signal<ReadonlySet<string>>(new Set());

export function choose(stay: string): void {
  const next = new Set(chosen.peek());
  if (!next.delete(stay)) next.add(stay);
  chosen.value = next;
}

/** Whether the person in the bed is this nurse's or doctor's. */
export function isMine({ stay }: Tile): boolean {
  const me = session.value?.person.id;
  return !!stay && !!me && (stay.nurse?.id === me || stay.doctor?.id === me);
}
