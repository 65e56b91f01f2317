import { effect, signal } from "@preact/signals";
import { call } from "../app/api";
import { isClinical, session } from "../app/session";
import type { DutyNow, DutyRole, HandOver } from "./contract";

/** Who is on duty on the board's ward; null before the first answer, and where no roster is kept. */
export const duty = signal<DutyNow | null>(null);
/** Hand-overs of the ward, the newest first. */
export const handOvers = signal<HandOver[]>([]);

/** How often both are asked for. */
const every = 30_000;

let ask = () => {};

/** Asks for both at once, after a change. */
export function askDuty(): void {
  ask();
}

/** Keeps both for as long as the board is shown. */
export function followDuty(ward: string): () => void {
  return effect(() => {
    if (!session.value) return;
    const clinical = isClinical();
    const path = `/wards/${encodeURIComponent(ward)}`;
    ask = () => {
      if (document.hidden) return;
      call<DutyNow>("GET", `${path}/duty`).then((d) => (duty.value = d), () => {}); // the next time, then
      if (clinical) call<HandOver[]>("GET", `${path}/handovers`).then((list) => (handOvers.value = list), () => {});
    };
    ask();
    const timer = setInterval(ask, every);
    return () => {
      clearInterval(timer);
      ask = () => {};
      duty.value = null;
      handOvers.value = [];
    };
  });
}

/** The offers that wait for this person's answer. */
export function incoming(): HandOver[] {
  const me = session.value?.person.id;
  return handOvers.value.filter((h) => h.state === "offered" && h.to.id === me);
}

/** The roster names nobody for the duty. */
export function isHole(r: DutyRole): boolean {
  return r.how === "default" || r.how === "all" || r.how === "nobody";
}
