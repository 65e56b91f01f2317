/** A time and what was measured then. */
export type Point = [number, number];

/** Without a value for this long a line is broken: joining across it would invent values. */
const longest = 10 * 60_000;

/** The parts of a series that may be joined by a line. */
export function pieces(points: Point[]): Point[][] {
  const out: Point[][] = [];
  for (const point of points) {
    const open = out.at(-1);
    const last = open?.at(-1);
    if (open && last && point[0] - last[0] <= longest) open.push(point);
    else out.push([point]);
  }
  return out;
}
