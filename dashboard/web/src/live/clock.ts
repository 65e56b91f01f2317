import { signal } from "@preact/signals";

// Server time is carried on the browser's steady clock, so that a wrong or changed wall clock in
// the browser moves no age and no countdown.
let base = { server: Date.now(), steady: performance.now() };

/** Server time of the present second; drives clocks and countdowns. */
export const second = signal(now());
/** Server time of the present five seconds; drives ages, so that they do not repaint every second. */
export const fiveSeconds = signal(second.value);
/** How far the browser's wall clock is from the server's, in milliseconds. */
export const skew = signal(0);

/** The server's time now, in Unix milliseconds. */
export function now(): number {
  return base.server + performance.now() - base.steady;
}

/** Takes a time the server has just sent. */
export function setServerTime(server: number): void {
  base = { server, steady: performance.now() };
  skew.value = Date.now() - server;
}

/** Beats once a second until the returned function is called. */
export function startClock(): () => void {
  const beat = () => {
    second.value = now();
    if (Math.abs(second.value - fiveSeconds.value) >= 5000) fiveSeconds.value = second.value;
  };
  const timer = setInterval(beat, 1000);
  return () => clearInterval(timer);
}
