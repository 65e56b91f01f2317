import { bandRank } from "../board/alerts";
import type { Band, Charted, Score, Tile } from "../live/contract";
import { expired } from "./vitals";

/** What stands in the score block. */
export interface Shown {
  /** "5", "≥5", or "?" when nothing counts. */
  points: string;
  band: Band;
  /** How much of the chart is known; empty where the set's time stands instead. */
  have: string;
  held: boolean;
  /** From what people charted: there is no monitor here. */
  charted: Charted | null;
  /** The charted set has lasted longer than it may: struck, and still shown. */
  old: boolean;
}

/** The last charted set, where that is the bed's main score: nothing there measures by itself. */
export function leading({ device, stay, score }: Tile): Charted | null {
  return !device && stay && score?.charted?.at && !score.refused ? score.charted : null;
}

/**
 * The main score of a tile. A complete charted set is what it is; a partial one is shown with what was
 * charted before it, as far as that still counts. A band held from before it stays.
 */
export function shown(tile: Tile, score: Score, at: number): Shown {
  const charted = leading(tile);
  if (charted && (charted.complete || score.have === 0)) {
    const held = score.held && bandRank[score.band] > bandRank[charted.band];
    return { points: chartedPoints(charted), band: held ? score.band : charted.band, have: "", held, charted, old: expired(charted, at) };
  }
  const points = score.have === 0 ? "?" : score.complete ? String(score.total) : `≥${score.lower_bound}`;
  return { points, band: score.band, have: `${score.have}/${score.need}`, held: score.held, charted, old: false };
}

/** The band that a bed counts under; null where no chart scores it. */
export function mainBand(tile: Tile): Band | null {
  if (!tile.score || tile.score.refused) return null;
  return shown(tile, tile.score, 0).band;
}

/** The points of a charted set: "3", or "≥3" when it lacks something. */
export function chartedPoints(c: Charted): string {
  return c.complete ? String(c.total) : `≥${c.lower_bound}`;
}
