import type { Tile } from "../live/contract";
import type { Bed } from "../live/board";
import { bandRank, priority, unaccepted } from "../board/alerts";
import { mainBand } from "../tile/shown";

const alertRank = { high: 3, medium: 2, low: 1 };

function concern(t: Tile): number {
  const alert = Math.max(0, ...t.alerts.filter(unaccepted).map((a) => alertRank[priority(a)]));
  if (!t.stay && t.alerts.length === 0 && !t.apart) return -1; // an empty bed comes last
  const flagged = Math.max(0, ...(t.score?.flags ?? []).map((f) => bandRank[f.band]));
  return alert * 10 + Math.max(flagged, bandRank[mainBand(t) ?? "unknown"]);
}

/** What must change before a board sorted by risk is sorted again. Points alone do not move a tile. */
export function concernKey(beds: Bed[]): string {
  return beds.map((b) => `${b.id}:${concern(b.tile.value)}`).join(" ");
}

/** Beds, the most worrying first; equal ones by points, then in the order of a round. */
export function byRisk(beds: Bed[]): Bed[] {
  const points = (b: Bed) => b.tile.peek().score?.lower_bound ?? 0;
  return beds.toSorted((a, b) => concern(b.tile.peek()) - concern(a.tile.peek()) || points(b) - points(a));
}
