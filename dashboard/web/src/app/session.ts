import { signal } from "@preact/signals";
import type { Session } from "../live/contract";

/** Who is signed in; null when nobody is, undefined while that is not yet known. */
export const session = signal<Session | null | undefined>(undefined);

/** Whether the person may act on alerts and stays; a display only shows. */
export function mayAct(): boolean {
  const s = session.value;
  return !!s && s.person.access !== "display";
}
