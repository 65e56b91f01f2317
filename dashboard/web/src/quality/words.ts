import { num, span } from "../text/format";
import type { Share } from "./contract";

/** A share with its interval and what it was made from: "72 % (58–83 %), 31/43". */
export function shareText(s: Share): string {
  if (s.value === null) return `– (${s.n}/${s.of})`;
  const range = s.low === null || s.high === null ? "" : ` (${num(s.low * 100)}–${num(s.high * 100)} %)`;
  return `${num(s.value * 100)} %${range}, ${s.n}/${s.of}`;
}

/** Seconds as a stopwatch shows them; "–" when they are not known. */
export function seconds(s: number | null): string {
  return s === null ? "–" : span(s * 1000);
}
