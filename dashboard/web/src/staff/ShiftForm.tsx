import { useSignal } from "@preact/signals";
import { call } from "../app/api";
import { now } from "../live/clock";
import { tell } from "../sheet/acting";
import { code, t } from "../text/locale";
import { Field } from "../ui/Field";
import { Select } from "../ui/Select";
import { say } from "../ui/toast";
import type { Staff } from "./contract";
import { holds } from "../board/taken";
import { dateOf, day, momentOf } from "./week";

export const roles = ["nurse", "nurse_charge", "doctor_on_duty", "duty_lead", "intensive_care", "engineer"] as const;

/** Adds a shift; one that ends before it begins ends the next day. */
export function ShiftForm({ path, staff, done }: { path: string; staff: Staff[]; done(): void }) {
  const role = useSignal<string>("nurse");
  const person = useSignal("");
  const on = useSignal(dateOf(now()));
  const from = useSignal("07:00");
  const to = useSignal("19:00");
  const hospital = useSignal(false);
  const tried = useSignal(false);
  const submit = async () => {
    tried.value = true;
    const start = momentOf(on.value, from.value);
    let end = momentOf(on.value, to.value);
    if (end <= start) end = momentOf(dateOf(momentOf(on.value, "12:00") + day), to.value);
    if (!person.value || Number.isNaN(start) || Number.isNaN(end)) return;
    try {
      await call("POST", `${path}/roster`, { role: role.value, person: person.value, from: start, to: end, hospital: hospital.value });
      say(t("roster.added"));
      done();
    } catch (e) {
      tell(e);
    }
  };
  const bad = (v: string) => (tried.value && Number.isNaN(momentOf(on.value, v)) ? t("chart.bad_time") : "");
  return (
    <details>
      <summary>{t("roster.add")}</summary>
      <form class="form" noValidate onSubmit={(e) => { e.preventDefault(); void submit(); }}>
        <Select label={t("roster.role")} value={role.value} choose={(v) => { role.value = v; person.value = ""; }} of={roles.map((r) => [r, code("role", r)])} />
        <Select label={t("roster.person")} value={person.value} choose={(v) => (person.value = v)} of={staff.filter((s) => holds(s, role.value)).map((s) => [s.id, s.name])} none={t("handover.choose")} />
        {tried.value && !person.value && <p class="field-error">{t("move.required")}</p>}
        <Field name="on" label={t("roster.date")} type="date" value={on.value} input={(v) => (on.value = v)} />
        <div class="pair">
          <Field name="from" label={t("roster.from")} value={from.value} input={(v) => (from.value = v)} error={bad(from.value)} />
          <Field name="to" label={t("roster.to")} value={to.value} input={(v) => (to.value = v)} error={bad(to.value)} />
        </div>
        <label class="check">
          <input type="checkbox" checked={hospital.value} onChange={(e) => (hospital.value = e.currentTarget.checked)} />
          {t("roster.whole_hospital")}
        </label>
        <p class="form-end">
          <button type="submit" class="button button-main">
            {t("roster.add")}
          </button>
        </p>
      </form>
    </details>
  );
}
