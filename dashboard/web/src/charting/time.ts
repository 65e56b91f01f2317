import { clock } from "../text/format";

const minute = 60_000;
const day = 24 * 60;

/** A set older than this when it is saved is entered afterwards: it raises no alert as new. */
export const backEntry = 10 * minute;

/**
 * The last moment before now that a clock on the ward showed what was typed: "8:15", "0815" or "8h15".
 * Null when that is no time of day.
 */
export function lastAt(typed: string, now: number): number | null {
  const m = /^\s*(\d{1,2})\s*[:hg.]?\s*(\d{2})\s*$/i.exec(typed);
  if (!m) return null;
  const [h, min] = [Number(m[1]), Number(m[2])];
  if (h > 23 || min > 59) return null;
  const [nowH = 0, nowMin = 0] = clock(now).split(":").map(Number);
  const back = (nowH * 60 + nowMin - h * 60 - min + day) % day;
  return (Math.floor(now / minute) - back) * minute;
}
