import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../app/api";
import { fiveSeconds, now } from "../live/clock";
import { tell } from "../sheet/acting";
import { moment } from "../text/format";
import { code, t } from "../text/locale";
import { Choice } from "../ui/Choice";
import { say } from "../ui/toast";
import { Save } from "../sheet/moves";
import type { SymptomCheck } from "./contract";

const symptoms = ["pain", "breathless", "agitation", "nausea", "secretions"] as const;
type Symptom = (typeof symptoms)[number];

/** What was looked at last in comfort care, in place of a score. */
export function Symptoms({ stay, add }: { stay: string; add?: () => void }) {
  const list = useSignal<SymptomCheck[] | null>(null);
  useEffect(() => {
    call<SymptomCheck[]>("GET", `/stays/${encodeURIComponent(stay)}/symptoms`).then((l) => (list.value = l), tell);
  }, [stay]);
  const shown = (list.value ?? []).slice(0, 4);
  return (
    <section>
      <h3>{t("symptom.heading")}</h3>
      {list.value?.length === 0 && <p class="person">{t("symptom.none")}</p>}
      <ul class="symptoms">
        {shown.map((c) => (
          <li key={c.at}>
            <b>{moment(c.at, fiveSeconds.value)}</b> {c.by_name}
            <span>{symptoms.filter((s) => c[s] > 0).map((s) => `${code("symptom", s)}: ${code("distress", String(c[s]))}`).join(" · ") || t("symptom.all_well")}</span>
            {c.note && <span class="person">{c.note}</span>}
          </li>
        ))}
      </ul>
      {add && (
        <p class="row">
          <button type="button" class="button" data-do="symptoms" onClick={add}>
            {t("symptom.add")}
          </button>
        </p>
      )}
    </section>
  );
}

/** Each symptom is looked at: none is filled in. */
export function SymptomForm({ stay, done }: { stay: string; done(): void }) {
  const values = useSignal<Partial<Record<Symptom, number>>>({});
  const note = useSignal("");
  const tried = useSignal(false);
  const busy = useSignal(false);
  const submit = async () => {
    tried.value = true;
    if (symptoms.some((s) => values.value[s] === undefined)) return;
    busy.value = true;
    try {
      await call("POST", `/stays/${encodeURIComponent(stay)}/symptoms`, { at: Math.round(now()), ...values.value, note: note.value.trim() });
      say(t("sheet.saved"));
      done();
    } catch (e) {
      tell(e);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="form" noValidate onSubmit={(e) => { e.preventDefault(); void submit(); }}>
      {symptoms.map((s) => (
        <div key={s}>
          <Choice
            label={code("symptom", s)}
            value={values.value[s] === undefined ? "" : (String(values.value[s]) as "0")}
            choose={(v) => (values.value = { ...values.value, [s]: Number(v) })}
            of={(["0", "1", "2", "3"] as const).map((n) => [n as "0", code("distress", n)])}
          />
          {tried.value && values.value[s] === undefined && <p class="field-error">{t("move.required")}</p>}
        </div>
      ))}
      <p class="field">
        <label for="symptom-note">{t("symptom.note")}</label>
        <textarea id="symptom-note" rows={2} maxLength={500} value={note.value} onInput={(e) => (note.value = e.currentTarget.value)} />
      </p>
      <Save busy={busy.value} />
    </form>
  );
}
