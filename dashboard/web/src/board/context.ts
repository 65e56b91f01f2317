import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ReadonlySignal } from "@preact/signals";
import type { NamesMode } from "../live/contract";
import type { Painter } from "../tile/spark";

/** What every tile of a board shares. */
export interface BoardShared {
  limits: ReadonlySignal<Record<string, number>>;
  names: ReadonlySignal<NamesMode>;
  painter: Painter;
  /** Opens a bed's sheet. */
  open(bed: string): void;
  /** Nothing can be opened: a wall screen. */
  still: boolean;
}

export const BoardContext = createContext<BoardShared | null>(null);

export function useBoard(): BoardShared {
  const shared = useContext(BoardContext);
  if (!shared) throw new Error("a tile stands outside a board");
  return shared;
}
