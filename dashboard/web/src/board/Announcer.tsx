import { effect, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { Board } from "../live/board";
import type { Tile } from "../live/contract";
import { bedName } from "../text/format";
import { code, t } from "../text/locale";
import { causes, priority, unaccepted } from "./alerts";

/** Band changes are read out together, at most this often. */
const pause = 5000;

/** Tells a screen reader what a sighted person sees change: bands politely, new high alerts at once. */
export function Announcer({ board }: { board: Board }) {
  const polite = useSignal("");
  const urgent = useSignal("");
  useEffect(() => {
    const bands = new Map<string, string>();
    const known = new Set<string>();
    const waiting = new Map<string, string>();
    const stop = effect(() => {
      for (const bed of board.beds.value) {
        const tile = bed.tile.value;
        if (bandChanged(tile, bands)) waiting.set(tile.bed, bandText(tile));
        const news = freshHigh(tile, known);
        if (news) urgent.value = news;
      }
    });
    const timer = setInterval(() => {
      if (waiting.size === 0) return;
      polite.value = [...waiting.values()].join(". ");
      waiting.clear();
    }, pause);
    return () => {
      stop();
      clearInterval(timer);
    };
  }, [board]);
  return (
    <div class="vh">
      <p aria-live="polite">{polite.value}</p>
      <p aria-live="assertive">{urgent.value}</p>
    </div>
  );
}

function bandChanged(tile: Tile, bands: Map<string, string>): boolean {
  const band = tile.score?.band ?? "";
  const before = bands.get(tile.bed);
  bands.set(tile.bed, band);
  return before !== undefined && before !== band && band !== "";
}

function bandText({ label, score }: Tile): string {
  if (!score) return "";
  const points = score.complete ? String(score.total) : `${t("score.at_least")} ${score.lower_bound}`;
  return t("board.band_changed", { bed: bedName(label), band: code("band", score.band), score: points });
}

function freshHigh(tile: Tile, known: Set<string>): string {
  let text = "";
  for (const a of tile.alerts) {
    const id = `${a.id} ${a.level}`;
    if (known.has(id) || !unaccepted(a) || priority(a) !== "high") continue;
    known.add(id);
    text = t("board.new_alert", { bed: bedName(tile.label), causes: causes(a, tile.score) });
  }
  return text;
}
