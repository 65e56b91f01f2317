import { zone } from "../text/format";

const minute = 60_000;
export const hour = 60 * minute;
export const day = 24 * hour;

// How far the hospital's clocks are ahead of UTC at a moment.
function offset(at: number): number {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone.peek(), hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" }).formatToParts(at);
  const n = (type: string) => Number(parts.find((p) => p.type === type)?.value);
  return Date.UTC(n("year"), n("month") - 1, n("day"), n("hour"), n("minute"), n("second")) - Math.floor(at / 1000) * 1000;
}

/** The moment at which the hospital's clocks show a date and a time ("2026-11-22", "07:00"); NaN when they are none. */
export function momentOf(date: string, time: string): number {
  const wall = Date.parse(`${date}T${time}:00Z`);
  if (Number.isNaN(wall)) return NaN;
  const guess = wall - offset(wall);
  return wall - offset(guess); // a second look, for a change of the clocks between the two
}

/** The date that the hospital's calendar shows, as an input wants it: "2026-11-22". */
export function dateOf(at: number): string {
  return new Date(at + offset(at)).toISOString().slice(0, 10);
}

/** Midnight, on the hospital's clocks, of the Monday before at. */
export function mondayOf(at: number): number {
  const weekday = (new Date(at + offset(at)).getUTCDay() + 6) % 7;
  return momentOf(dateOf(at - weekday * day), "00:00");
}
