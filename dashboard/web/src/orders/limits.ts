import { call } from "../app/api";
import { now } from "../live/clock";
import type { Limit } from "../live/contract";
import { num, parseNumber } from "../text/format";
import { code } from "../text/locale";
import { measure } from "../tile/vitals";

const hour = 60 * 60_000;

/** The vitals that can have limits of a person's own, with what a number of each can be, as typed. */
export const limited = {
  spo2: [50, 100],
  hr: [20, 300],
  rr: [3, 120],
  sbp: [30, 300],
  temp: [30, 43],
  dbp: [10, 200],
  map: [20, 250],
  pr: [20, 300],
  etco2: [5, 150],
  fio2: [21, 100],
} as const satisfies Record<string, readonly [number, number]>;

export type Limited = keyof typeof limited;

/** Hours for which limits can be ordered: an order longer than 14 days is refused. */
export const hoursOffered = ["12", "24", "72", "168", "336"] as const;

/** When an order of so many hours lapses; the longest keeps clear of the server's own bound. */
export function untilAfter(hours: number): number {
  return Math.round(now() + Math.min(hours * hour, 14 * 24 * hour - 60_000));
}

/** What a doctor has typed of an order. */
export interface Order {
  low: string;
  high: string;
  usual: string;
}

/** What is wrong with an order: one of its numbers, their order, or that it has none. */
export function faultOf(vital: Limited, o: Order): "number" | "order" | "none" | null {
  const typed = [o.low, o.usual, o.high].map((s) => s.trim()).filter(Boolean);
  if (typed.length === 0) return "none";
  const [least, most] = limited[vital];
  const numbers = typed.map(parseNumber);
  if (numbers.some((n) => !(n >= least && n <= most))) return "number";
  const rising = numbers.every((n, i) => i === 0 || numbers[i - 1]! <= n);
  const equal = o.low.trim() !== "" && o.high.trim() !== "" && parseNumber(o.low) === parseNumber(o.high);
  return rising && !equal ? null : "order";
}

/** What a number of the vital can be, with its unit. */
export function spanText(vital: Limited): string {
  return `${num(limited[vital][0])}–${num(limited[vital][1])} ${code("unit", vital)}`;
}

/** An order's number in the unit that the server keeps; undefined when it is not given. */
export function sent(vital: string, text: string): number | undefined {
  if (!text.trim()) return undefined;
  const v = parseNumber(text);
  return vital === "fio2" ? v / 100 : v;
}

/** The range a person may be in: "86–94 %", "≥ 86 %", "≤ 130 /min". */
export function rangeOf(l: Limit): string {
  if (l.low !== null && l.high !== null) return `${measure(l.vital, l.low).split(" ")[0]}–${measure(l.vital, l.high)}`;
  if (l.low !== null) return `≥ ${measure(l.vital, l.low)}`;
  return l.high !== null ? `≤ ${measure(l.vital, l.high)}` : "";
}

/** Orders limits; what is not given stays out. */
export function order(stay: string, l: { vital: string; low?: number | null; high?: number | null; usual?: number | null; reason: string; until: number | null }): Promise<unknown> {
  const { low, high, usual, ...rest } = l;
  const numbers = Object.fromEntries(Object.entries({ low, high, usual }).filter(([, v]) => v !== null && v !== undefined));
  return call("POST", `/stays/${encodeURIComponent(stay)}/limits`, { ...rest, ...numbers });
}

/** Ends the limits of a vital: the ward's stand again. */
export function end(stay: string, vital: string): Promise<unknown> {
  return call("DELETE", `/stays/${encodeURIComponent(stay)}/limits/${encodeURIComponent(vital)}`);
}
