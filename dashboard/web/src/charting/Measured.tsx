import type { Signal } from "@preact/signals";
import { t } from "../text/locale";
import { Field } from "../ui/Field";
import { rangeText, write, wrong, type Draft, type NumberName } from "./set";

/** One number of the set. */
export function Measured({ name, draft, tried }: { name: NumberName; draft: Signal<Draft>; tried: boolean }) {
  const text = draft.value.typed[name];
  return (
    <Field
      name={name}
      label={t(`chart.number.${name}`)}
      mode="decimal"
      value={text}
      input={(v) => (draft.value = write(draft.value, name, v))}
      error={tried && wrong(name, text) ? t("chart.bad_number", { range: rangeText(name) }) : ""}
    />
  );
}
