import { useSignal } from "@preact/signals";
import { call } from "../app/api";
import type { Board } from "../live/board";
import { now } from "../live/clock";
import { code, t } from "../text/locale";
import { Choice } from "../ui/Choice";
import { Field } from "../ui/Field";
import { say } from "../ui/toast";
import { tell } from "./acting";
import { change, returnToWard, undo } from "./stays";

interface Person {
  hospital_id: string;
  family_name: string;
  given_name: string;
  birth_date: string;
  sex: string;
}

const fields = ["hospital_id", "family_name", "given_name", "birth_date"] as const;
/** A birth date or family name may be unknown at first; who it is and what to call them may not. */
const required: readonly string[] = ["hospital_id", "given_name"];

/** Admits a person to an empty bed. */
export function Admit({ ward, bed, done }: { ward: string; bed: string; done(): void }) {
  const person = useSignal<Person>({ hospital_id: "", family_name: "", given_name: "", birth_date: "", sex: "" });
  const tried = useSignal(false);
  const set = (k: keyof Person) => (v: string) => (person.value = { ...person.value, [k]: v });
  const submit = async () => {
    tried.value = true;
    const wrong = fields.find((k) => required.includes(k) && !person.value[k].trim());
    if (wrong) return document.getElementById("field-" + wrong)?.focus();
    try {
      const stay = await call<{ id?: string }>("POST", "/stays", { ...person.value, ward, bed });
      const id = stay?.id;
      say(t("sheet.saved"), "good", id ? () => void undo(id) : null);
      done();
    } catch (e) {
      tell(e);
    }
  };
  return (
    <form class="form" noValidate onSubmit={(e) => { e.preventDefault(); void submit(); }}>
      {fields.map((k) => (
        <Field
          key={k}
          name={k}
          label={t(`move.${k}`)}
          type={k === "birth_date" ? "date" : "text"}
          value={person.value[k]}
          input={set(k)}
          error={tried.value && required.includes(k) && !person.value[k].trim() ? t("move.required") : ""}
        />
      ))}
      <Choice label={t("move.sex")} value={person.value.sex as ""} choose={set("sex")} of={["female", "male", "other"].map((s) => [s as "", code("stay.sex", s)])} />
      <Save />
    </form>
  );
}

/** Moves a stay to a free bed of the same ward. */
export function Transfer({ board, stay, done }: { board: Board; stay: string; done(): void }) {
  const free = board.beds.value.map((b) => b.tile.value).filter((tile) => !tile.stay);
  if (free.length === 0) return <p>{t("move.no_free_bed")}</p>;
  const move = async (bed: string) => {
    if (await change(stay, "transfer", { ward: board.ward, bed }, () => void undo(stay))) done();
  };
  return (
    <>
      <h3>{t("move.to_bed")}</h3>
      <div class="row">
        {free.map((tile) => (
          <button key={tile.bed} type="button" class="button" onClick={() => void move(tile.bed)}>
            {tile.label}
          </button>
        ))}
      </div>
    </>
  );
}

/** Ends a stay. */
export function Discharge({ stay, done }: { stay: string; done(): void }) {
  const end = async (reason: string) => {
    if (await change(stay, "discharge", { reason }, () => void undo(stay))) done();
  };
  return (
    <>
      <h3>{t("move.discharge_reason")}</h3>
      <div class="column">
        {(["discharged", "transferred_out"] as const).map((r) => (
          <button key={r} type="button" class="button" onClick={() => void end(r)}>
            {t(`move.${r}`)}
          </button>
        ))}
      </div>
    </>
  );
}

const backIn = ["30", "60", "120", "240"] as const;
const places = ["xray", "theatre", "dialysis", "other"] as const;

/** Pauses alerts while the person is elsewhere, with a time by which they are expected. */
export function OffWard({ stay, done }: { stay: string; done(): void }) {
  const minutes = useSignal<(typeof backIn)[number]>("60");
  const leave = async (place: string) => {
    const until = Math.round(now() + Number(minutes.value) * 60_000);
    if (await change(stay, "off-ward", { destination: place, until }, () => void returnToWard(stay))) done();
  };
  return (
    <>
      <Choice label={t("move.back_in")} value={minutes.value} choose={(v) => (minutes.value = v)} of={backIn.map((m) => [m, t("alert.minutes", { n: m })])} />
      <h3>{t("move.destination")}</h3>
      <div class="column">
        {places.map((p) => (
          <button key={p} type="button" class="button" onClick={() => void leave(p)}>
            {t(`move.destination.${p}`)}
          </button>
        ))}
      </div>
    </>
  );
}

export function Save({ busy = false }: { busy?: boolean }) {
  return (
    <p class="form-end">
      <button type="submit" class="button button-main" disabled={busy}>
        {t("sheet.save")}
      </button>
    </p>
  );
}
