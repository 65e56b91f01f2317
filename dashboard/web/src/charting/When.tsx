import type { Signal } from "@preact/signals";
import { now } from "../live/clock";
import { t } from "../text/locale";
import { Choice } from "../ui/Choice";
import { Field } from "../ui/Field";
import { lastAt } from "./time";

/** When the set was true: now, or at a time of the last 24 hours. */
export function When({ typed, tried, change }: { typed: Signal<string | null>; tried: boolean; change(): void }) {
  const wrong = typed.value !== null && lastAt(typed.value, now()) === null;
  return (
    <>
      <Choice
        label={t("chart.when")}
        value={typed.value === null ? "now" : "earlier"}
        choose={(v) => {
          typed.value = v === "now" ? null : "";
          change();
        }}
        of={[["now", t("chart.now")], ["earlier", t("chart.earlier")]]}
      />
      {typed.value !== null && (
        <Field name="time" label={t("chart.time")} mode="text" value={typed.value} input={(v) => (typed.value = v)} error={tried && wrong ? t("chart.bad_time") : ""} />
      )}
    </>
  );
}
