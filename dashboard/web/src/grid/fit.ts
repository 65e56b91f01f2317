/** How the tiles of a board are laid out. */
export interface Fit {
  columns: number;
  tileHeight: number;
  /** Size of everything in a tile, relative to a tile of 312 × 234. */
  scale: number;
  scrolls: boolean;
}

export const gap = 6;
const width = 312;
const height = 234;
const smallest = 0.74;
const largest = 1.7;

/** The layout with the largest tiles that shows every bed at once; scrolls where none is readable. */
export function fit(beds: number, w: number, h: number): Fit {
  let best: Fit | null = null;
  for (let columns = 1; columns <= beds; columns++) {
    const rows = Math.ceil(beds / columns);
    const tileW = (w - gap * (columns - 1)) / columns;
    const tileH = (h - gap * (rows - 1)) / rows;
    const scale = Math.min(tileW / width, tileH / height);
    if (scale >= smallest && (!best || scale > best.scale)) {
      best = { columns, tileHeight: Math.floor(Math.min(tileH, height * largest)), scale: Math.min(scale, largest), scrolls: false };
    }
  }
  if (best) return best;
  const columns = Math.max(1, Math.floor((w + gap) / (width * 0.9 + gap)));
  const scale = Math.min(1.15, (w - gap * (columns - 1)) / columns / width);
  return { columns, tileHeight: Math.ceil(height * Math.max(scale, 1)), scale, scrolls: true };
}
