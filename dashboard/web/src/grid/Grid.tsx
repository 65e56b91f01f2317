import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import type { Bed, Board } from "../live/board";
import { sort } from "../app/prefs";
import { t } from "../text/locale";
import { fit, gap } from "./fit";
import { isMine, mine } from "../staff/mine";
import { byRisk, concernKey } from "./order";
import { Tile } from "../tile/Tile";

/** How long after the last touch the order of the tiles stays as it is. */
const calm = 4000;
/** The same for somebody who moves through it by keyboard. */
const calmKeys = 30_000;
/** Under this scale a tile leaves out its sparklines, so that its score stays readable. */
const compact = 0.9;

/** All beds of the ward, as large as they fit, by bed or by risk. */
export function Grid({ board }: { board: Board }) {
  const frame = useRef<HTMLDivElement>(null);
  const list = useRef<HTMLUListElement>(null);
  const beds = useOrder(board, list);
  const size = useSize(frame);
  const layout = fit(beds.length, size.w, size.h);
  useGlide(list, beds.map((b) => b.id).join(" "));
  useLayoutEffect(() => {
    const style = list.current?.style;
    style?.setProperty("--columns", String(layout.columns));
    style?.setProperty("--tile-height", layout.tileHeight + "px");
    style?.setProperty("--tile-scale", layout.scale.toFixed(3));
    style?.setProperty("--gap", gap + "px");
  });
  const opening = board.link.value === "opening";
  return (
    <div ref={frame} class={`board-beds${layout.scrolls ? " scrolls" : ""}`}>
      {beds.length === 0 && <p class="grid-none">{t(opening ? "app.loading" : mine.value ? "board.none_mine" : "board.no_beds")}</p>}
      <ul ref={list} class={`grid${layout.scale < compact ? " is-compact" : ""}`}>
        {beds.map((b) => (
          <Tile key={b.id} bed={b} />
        ))}
      </ul>
    </div>
  );
}

// The order changes only while nobody touches the board or moves through it by keyboard: nothing
// may jump under a finger.
function useOrder(board: Board, list: { current: HTMLElement | null }): Bed[] {
  const shown = useSignal<Bed[]>([]);
  const pool = useComputed(() => (mine.value ? board.beds.value.filter((b) => isMine(b.tile.value)) : board.beds.value));
  const asked = useComputed(() => `${sort.value} ${mine.value}`);
  const touched = useRef(-Infinity);
  const key = useComputed(() => asked.value + " " + (sort.value === "risk" ? concernKey(pool.value) : pool.value.map((b) => b.id)));
  useEffect(() => {
    const touch = () => (touched.current = performance.now());
    for (const e of ["pointerdown", "pointermove", "wheel", "keydown"]) addEventListener(e, touch, { passive: true });
    return () => {
      for (const e of ["pointerdown", "pointermove", "wheel", "keydown"]) removeEventListener(e, touch);
    };
  }, []);
  useEffect(() => {
    let done = "";
    const settle = () => {
      if (key.value === done) return;
      const chosen = !done.startsWith(asked.value); // a person asked for this order: at once
      const focused = list.current?.querySelector(":focus-visible");
      const busy = performance.now() - touched.current < (focused ? calmKeys : calm);
      const sameBeds = shown.peek().length === pool.peek().length && shown.peek().every((b) => board.bed(b.id) === b);
      if (busy && sameBeds && !chosen) return;
      done = key.value;
      shown.value = sort.value === "risk" ? byRisk(pool.peek()) : pool.peek();
    };
    const unfollow = key.subscribe(settle);
    const timer = setInterval(settle, 1000);
    return () => {
      unfollow();
      clearInterval(timer);
    };
  }, [board]);
  return shown.value;
}

function useSize(frame: { current: HTMLElement | null }): { w: number; h: number } {
  const size = useSignal({ w: innerWidth, h: innerHeight });
  useLayoutEffect(() => {
    const el = frame.current;
    if (!el) return;
    const watcher = new ResizeObserver(([entry]) => {
      const { width: w, height: h } = entry!.contentRect;
      if (w !== size.peek().w || h !== size.peek().h) size.value = { w, h };
    });
    watcher.observe(el);
    return () => watcher.disconnect();
  }, []);
  return size.value;
}

// Tiles glide from where they were to where they are (FLIP). Where they were is measured while the
// new order is being rendered, before the document has it.
function useGlide(list: { current: HTMLElement | null }, order: string): void {
  const shown = useRef(order);
  const before = useRef(new Map<Element, DOMRect>());
  if (shown.current !== order) {
    shown.current = order;
    before.current = new Map([...(list.current?.children ?? [])].map((el) => [el, el.getBoundingClientRect()]));
  }
  useLayoutEffect(() => {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const [el, was] of before.current) {
      if (!el.isConnected) continue;
      const now = el.getBoundingClientRect();
      if (was.x === now.x && was.y === now.y) continue;
      const from = `translate(${was.x - now.x}px, ${was.y - now.y}px)`;
      el.animate([{ transform: from }, { transform: "none" }], { duration: 450, easing: "ease-out" });
    }
    before.current.clear();
  }, [order]);
}
