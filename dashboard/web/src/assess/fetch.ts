import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../app/api";
import type { Tile } from "../live/contract";
import type { Assessment } from "./contract";

/** How long after a failure the server is asked again. */
const again = 15_000;

/** What was asked for; null before the first answer, and while the server does not answer. */
export interface Asked<T> {
  got: T | null;
  failed: boolean;
  /** Puts in place what an action's answer says. */
  put(next: T): void;
  /** Asks anew. */
  ask(): void;
}

/** What the server has of who lies in the bed, asked for anew with every other version; not at all without one. */
export function useOfBed<T extends { stay: string }>(ward: string, tile: Tile, what: string, version: string | undefined): Asked<T> {
  const got = useSignal<T | null>(null);
  const failed = useSignal(false);
  const asked = useSignal(0);
  const stay = tile.stay?.id;
  useEffect(() => {
    if (version === undefined) return;
    let over = false;
    const take = (answer: T | null) => {
      if (over) return;
      got.value = answer;
      failed.value = answer === null;
    };
    let timer: number | undefined;
    const path = `/wards/${encodeURIComponent(ward)}/beds/${encodeURIComponent(tile.bed)}/${what}`;
    const ask = () => {
      call<T>("GET", path).then(take, () => {
        take(null);
        if (!over) timer = window.setTimeout(ask, again);
      });
    };
    ask();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [ward, tile.bed, stay, version, asked.value]);
  // Another person's is never shown, not even until the answer comes.
  return { got: got.value?.stay === stay ? got.value : null, failed: failed.value, put: (next) => (got.value = next), ask: () => asked.value++ };
}

/** Which assessment the bed has; undefined when it has none. */
export function versionOf({ assessed }: Tile): string | undefined {
  return assessed ? `${assessed.version} ${assessed.at}` : undefined; // a server that began anew counts from one again
}

/** The bed's present assessment. */
export function useAssessment(ward: string, tile: Tile): Asked<Assessment> {
  return useOfBed(ward, tile, "assessment", versionOf(tile));
}
