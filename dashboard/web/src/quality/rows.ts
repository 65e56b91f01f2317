import { code } from "../text/locale";
import type { Share, Yield } from "./contract";
import { shareText } from "./words";

/** One line of a bar chart. */
export interface Bar {
  name: string;
  value: number | null;
  /** What stands beside the bar. */
  text: string;
  /** What it was made from; null where the text says so. */
  n: number | null;
}

export function shareBars(shares: Share[], prefix: string): Bar[] {
  return shares.map((s) => ({ name: code(prefix, s.name ?? ""), value: s.value, text: shareText(s), n: null }));
}

export function reasonBars(reasons: Yield["reasons"]): Bar[] {
  return reasons.filter((r) => r.n > 0).map((r) => ({ name: code("reason", r.code), value: r.n, text: code("quality.says", r.says), n: r.n }));
}
