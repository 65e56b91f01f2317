import { useSignal } from "@preact/signals";
import { fiveSeconds } from "../live/clock";
import type { Stay } from "../live/contract";
import { tell } from "../sheet/acting";
import { Save } from "../sheet/moves";
import { age } from "../text/format";
import { t } from "../text/locale";
import { vitalName } from "../tile/vitals";
import { Choice } from "../ui/Choice";
import { Field } from "../ui/Field";
import { say } from "../ui/toast";
import { faultOf, hoursOffered, limited, order, rangeOf, sent, spanText, untilAfter, type Limited, type Order } from "./limits";

const sides = ["low", "high", "usual"] as const;
const hour = 60 * 60_000;

/** A doctor's order of limits for one vital. It lapses by itself. */
export function LimitForm({ stay, done }: { stay: Stay; done(): void }) {
  const vital = useSignal<Limited>("spo2");
  const typed = useSignal<Order>({ low: "", high: "", usual: "" });
  const hours = useSignal<(typeof hoursOffered)[number]>("24");
  const reason = useSignal("");
  const tried = useSignal(false);
  const fault = faultOf(vital.value, typed.value);
  const earlier = stay.limits.find((l) => l.vital === vital.value && (l.until ?? 0) > fiveSeconds.value);

  const submit = async () => {
    tried.value = true;
    if (fault || !reason.value.trim()) return document.getElementById(fault ? "field-low" : "field-reason")?.focus();
    const numbers = Object.fromEntries(sides.map((s) => [s, sent(vital.value, typed.value[s])]));
    try {
      await order(stay.id, { vital: vital.value, ...numbers, reason: reason.value.trim(), until: untilAfter(Number(hours.value)) });
      say(t("sheet.saved"));
      done();
    } catch (e) {
      tell(e);
    }
  };
  const wrong = { number: t("limit.bad_number", { range: spanText(vital.value) }), order: t("limit.bad_order"), none: t("limit.bad_none") };
  return (
    <form class="form" noValidate onSubmit={(e) => { e.preventDefault(); void submit(); }}>
      <Choice label={t("limit.vital")} value={vital.value} choose={(v) => (vital.value = v)} of={(Object.keys(limited) as Limited[]).map((v) => [v, vitalName(v)])} />
      {earlier && <p class="notice">{t("limit.replaces", { limit: rangeOf(earlier) || t("limit.usual_is", { usual: earlier.usual ?? "" }) })}</p>}
      <p>{t("limit.how", { range: spanText(vital.value) })}</p>
      <div class="triple">
        {sides.map((s) => (
          <Field key={s} name={s} label={t(`limit.${s}`)} mode="decimal" value={typed.value[s]} input={(v) => (typed.value = { ...typed.value, [s]: v })} />
        ))}
      </div>
      {tried.value && fault && (
        <p class="field-error" role="alert">
          {wrong[fault]}
        </p>
      )}
      <Field name="reason" label={t("limit.reason")} value={reason.value} input={(v) => (reason.value = v)} error={tried.value && !reason.value.trim() ? t("move.required") : ""} />
      <Choice label={t("limit.for")} hint={t("limit.for_hint")} value={hours.value} choose={(v) => (hours.value = v)} of={hoursOffered.map((h) => [h, age(Number(h) * hour)])} />
      <Save />
    </form>
  );
}
