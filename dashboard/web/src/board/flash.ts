import { computed, effect } from "@preact/signals";
import type { Board } from "../live/board";
import { priority, unaccepted } from "./alerts";

/** Half a flash: 1.6 in a second (IEC 60601-1-8: 1.4 to 2.8 Hz; WCAG 2.3.1: under three). */
const half = 312;

/**
 * Flashes the board's unaccepted high alerts, all in step. A timer rather than a CSS animation: that
 * would redraw the screen sixty times a second to change it three times.
 */
export function flash(board: Board): () => void {
  const root = document.documentElement;
  const any = computed(() => board.alerts.value.some((a) => unaccepted(a) && priority(a) === "high"));
  return effect(() => {
    if (!any.value) return;
    const timer = setInterval(() => {
      root.dataset["flash"] = root.dataset["flash"] === "off" ? "on" : "off";
    }, half);
    return () => {
      clearInterval(timer);
      delete root.dataset["flash"];
    };
  });
}
