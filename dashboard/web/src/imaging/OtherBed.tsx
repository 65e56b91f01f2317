import { useSignal } from "@preact/signals";
import { call } from "../app/api";
import type { Board } from "../live/board";
import { tell } from "../sheet/acting";
import { t } from "../text/locale";
import type { Guess } from "./contract";

/** Somebody else of this ward, chosen by the bed; who it is comes from their record. */
interface StayRecord extends Omit<Guess, "stay" | "name"> {
  id: string;
  family_name: string;
  given_name: string;
}

/** Holds the results against whoever lies in a bed that nobody guessed. */
export function OtherBed({ board, known, choose }: { board: Board; known: string[]; choose(g: Guess): void }) {
  const busy = useSignal(false);
  const beds = board.beds.value.map((b) => b.tile.value).filter((tile) => tile.stay && !known.includes(tile.stay.id));
  if (beds.length === 0) return null;
  const pick = async (stay: string) => {
    busy.value = true;
    try {
      const { id, family_name, given_name, ...rest } = await call<StayRecord>("GET", `/stays/${encodeURIComponent(stay)}`);
      choose({ ...rest, stay: id, name: `${family_name} ${given_name}`.trim() });
    } catch (e) {
      tell(e);
    } finally {
      busy.value = false;
    }
  };
  return (
    <label class="other-bed">
      <span>{t("worklist.other_bed")}</span>
      <select disabled={busy.value} value="" onChange={(e) => e.currentTarget.value && void pick(e.currentTarget.value)}>
        <option value="">{t("worklist.choose_bed")}</option>
        {beds.map((tile) => (
          <option key={tile.bed} value={tile.stay?.id}>
            {[tile.label, tile.stay?.name].filter(Boolean).join(" · ")}
          </option>
        ))}
      </select>
    </label>
  );
}
