import { effect, signal } from "@preact/signals";
import { call } from "../app/api";
import { mayMatch } from "../app/session";

/** How many imaging results wait for a person to say whose they are. */
export const count = signal(0);

/** How often it is asked for. */
const every = 60_000;

/** Keeps the count, on the screens of those who may say so. */
export function followWaiting(): () => void {
  return effect(() => {
    if (!mayMatch()) return;
    const ask = () => {
      if (document.hidden) return;
      call<{ unmatched: number }>("GET", "/imaging/state").then((s) => (count.value = s.unmatched), () => {}); // the next time, then
    };
    ask();
    const timer = setInterval(ask, every);
    return () => clearInterval(timer);
  });
}
