import type { Signal } from "@preact/signals";
import { now } from "../live/clock";
import type { Tile } from "../live/contract";
import { t } from "../text/locale";
import { Measured } from "./Measured";
import { fromMonitor, take, type Draft } from "./set";

/** What a monitor measures where there is one; a person may confirm what it shows. */
export function Numbers(p: { draft: Signal<Draft>; tile: Tile; limits: Record<string, number>; tried: boolean; confirmable: boolean }) {
  const confirm = () => (p.draft.value = take(p.draft.value, fromMonitor(p.tile, p.limits, now())));
  return (
    <fieldset class="numbers">
      <legend>{t("chart.numbers")}</legend>
      {p.confirmable && (
        <button type="button" class="button" onClick={confirm}>
          {t("chart.from_monitor")}
        </button>
      )}
      <div class="pair">
        <Measured name="rr" draft={p.draft} tried={p.tried} />
        <Measured name="spo2" draft={p.draft} tried={p.tried} />
        <Measured name="sbp" draft={p.draft} tried={p.tried} />
        <Measured name="dbp" draft={p.draft} tried={p.tried} />
        <Measured name="hr" draft={p.draft} tried={p.tried} />
      </div>
    </fieldset>
  );
}
