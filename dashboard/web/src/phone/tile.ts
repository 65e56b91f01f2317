import type { Part, Score, Tile, Vital } from "../live/contract";
import { inputOf } from "../tile/vitals";
import type { AlertPage } from "./contract";

const vitals: Record<string, string> = { o2: "o2_on", consciousness: "acvpu" };

/** The page's score as the parts of the board read it: a bed with what was scored and no more. */
export function tileOf({ alert, score }: AlertPage): Tile {
  const known = (score?.parts ?? []).filter((p) => p.state !== "missing" && p.value !== null && p.at !== null);
  const scored = Object.fromEntries(known.map((p) => [vitals[inputOf(p)] ?? inputOf(p), vital(p)]));
  return { bed: alert.bed, label: alert.bed, order: 0, stay: null, apart: "", score, vitals: scored, alarms: [], alerts: [], device: null, assessed: null };
}

function vital(p: Part): Vital {
  return { v: p.value ?? 0, at: p.at ?? 0, source: p.source, quality: "good", doubt: p.doubt };
}

/** How long each value counts: as long as the server says, which is asked again and again. What it no longer answers is struck as a whole. */
export function limitsOf(score: Score): Record<string, number> {
  return Object.fromEntries(score.parts.map((p) => [inputOf(p), Infinity]));
}
