import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../app/api";
import type { Tile } from "../live/contract";
import type { Assessment } from "./contract";

/** How long after a failure the assessment is asked for again. */
const again = 15_000;

/** The bed's present assessment, asked for anew whenever there is another; null before the first answer. */
export function useAssessment(ward: string, tile: Tile): { assessment: Assessment | null; failed: boolean } {
  const got = useSignal<Assessment | null>(null);
  const failed = useSignal(false);
  const version = tile.assessed ? `${tile.assessed.version} ${tile.assessed.at}` : undefined; // a server that began anew counts from one again
  const stay = tile.stay?.id;
  useEffect(() => {
    if (version === undefined) return;
    let over = false;
    const take = (a: Assessment | null) => {
      if (over) return;
      got.value = a;
      failed.value = a === null;
    };
    let timer: number | undefined;
    const path = `/wards/${encodeURIComponent(ward)}/beds/${encodeURIComponent(tile.bed)}/assessment`;
    const ask = () => {
      call<Assessment>("GET", path).then(take, () => {
        take(null);
        if (!over) timer = window.setTimeout(ask, again);
      });
    };
    ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [ward, tile.bed, stay, version]);
  // Another person's is never shown, not even until the answer comes.
  return { assessment: got.value?.stay === stay ? got.value : null, failed: failed.value };
}
