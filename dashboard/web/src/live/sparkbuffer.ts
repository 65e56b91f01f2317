import type { Spark, Tile } from "./contract";

/** The vitals that have a sparkline, in the order of their rows. */
export const sparkVitals = ["rr", "spo2", "sbp", "hr"] as const;
export type SparkVital = (typeof sparkVitals)[number];

const defaultStep = 120_000;
const points = 120; // four hours at two minutes

/** Four hours of one bed's vitals on a grid of slots; a slot nothing was measured in stays a gap. */
export class SparkBuffer {
  private step = defaultStep;
  private last = 0; // number of the newest slot, counted from the epoch
  private readonly series: Record<SparkVital, Float32Array> = {
    rr: blank(),
    spo2: blank(),
    sbp: blank(),
    hr: blank(),
  };
  /** Rises with each change, so that a painter knows whether to paint. */
  version = 0;

  load(spark: Spark | null, at: number): void {
    this.step = spark?.step || defaultStep;
    this.last = Math.floor(at / this.step);
    this.version++;
    for (const v of sparkVitals) {
      this.series[v].fill(NaN);
      if (!spark) continue;
      const first = Math.floor(spark.start / this.step);
      (spark[v] ?? []).forEach((value, i) => {
        if (value !== null) this.put(v, first + i, value);
      });
    }
  }

  /** Adds a tile's fresh values. The newest value of a slot stands for it. */
  follow(tile: Tile, at: number): void {
    this.advance(at);
    for (const v of sparkVitals) {
      const vital = tile.vitals[v];
      if (vital && vital.quality !== "invalid") this.put(v, Math.floor(vital.at / this.step), vital.v);
    }
  }

  /** Moves the window to end now. */
  advance(at: number): void {
    const slot = Math.floor(at / this.step);
    const shift = Math.min(slot - this.last, points);
    if (shift <= 0) return;
    for (const v of sparkVitals) {
      const s = this.series[v];
      s.copyWithin(0, shift);
      s.fill(NaN, points - shift);
    }
    this.last = slot;
    this.version++;
  }

  values(v: SparkVital): Float32Array {
    return this.series[v];
  }

  /** Lowest and highest of the window; null when it is empty. */
  range(v: SparkVital): { min: number; max: number } | null {
    let min = Infinity;
    let max = -Infinity;
    for (const x of this.series[v]) {
      if (x < min) min = x;
      if (x > max) max = x;
    }
    return min <= max ? { min, max } : null;
  }

  private put(v: SparkVital, slot: number, value: number): void {
    const i = points - 1 - (this.last - slot);
    if (i < 0 || i >= points || this.series[v][i] === Math.fround(value)) return;
    this.series[v][i] = value;
    this.version++;
  }
}

function blank(): Float32Array {
  return new Float32Array(points).fill(NaN);
}
