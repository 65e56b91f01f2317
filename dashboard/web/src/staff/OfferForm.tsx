import { useSignal } from "@preact/signals";
import { call } from "../app/api";
import { session } from "../app/session";
import type { Board } from "../live/board";
import { tell } from "../sheet/acting";
import { bedName } from "../text/format";
import { code, t } from "../text/locale";
import { Choice } from "../ui/Choice";
import { Select } from "../ui/Select";
import { say } from "../ui/toast";
import type { HandOver } from "./contract";
import { DigestView } from "./Digest";
import { askDuty } from "./duty";
import { holds } from "../board/taken";
import { holder, inCharge, onDuty, ownPost, useStaff, type Post } from "./staff";

/** Offers patients to the next: from oneself, or from somebody else where one is in charge. */
export function OfferForm({ board, done }: { board: Board; done(): void }) {
  const me = session.peek()?.person.id ?? "";
  const post = useSignal<Post>(ownPost());
  const from = useSignal(me);
  const to = useSignal("");
  const left = useSignal<ReadonlySet<string>>(new Set()); // those that stay with their holder
  const note = useSignal("");
  const busy = useSignal(false);
  const staff = (useStaff(board.ward) ?? []).filter((s) => holds(s, post.value));
  const tiles = board.beds.value.map((b) => b.tile.value).filter((x) => holder(x, post.value)?.id === from.value);
  const stays = tiles.map((x) => x.stay!.id).filter((id) => !left.value.has(id));
  const toggle = (id: string) => {
    const next = new Set(left.value);
    if (!next.delete(id)) next.add(id);
    left.value = next;
  };
  const send = async () => {
    busy.value = true;
    try {
      const other = from.value === me ? {} : { from: from.value };
      await call<HandOver>("POST", "/handovers", { ward: board.ward, role: post.value, to: to.value, stays, note: note.value.trim(), ...other });
      say(t("handover.offered"));
      askDuty();
      done();
    } catch (e) {
      tell(e);
    } finally {
      busy.value = false;
    }
  };
  return (
    <form class="form" onSubmit={(e) => { e.preventDefault(); void send(); }}>
      {inCharge() && (
        <>
          <Choice label={t("assign.as")} value={post.value} choose={(v) => (post.value = v)} of={(["nurse", "doctor_on_duty"] as const).map((r) => [r, code("role", r)])} />
          <Select label={t("handover.from")} value={from.value} choose={(v) => (from.value = v)} of={staff.map((s) => [s.id, s.name])} none={t("handover.choose")} />
        </>
      )}
      <Select label={t("handover.to")} value={to.value} choose={(v) => (to.value = v)} of={staff.filter((s) => s.id !== from.value).map((s) => [s.id, [s.name, onDuty(s)].filter(Boolean).join(" · ")])} none={t("handover.choose")} />
      <fieldset>
        <legend class="form-legend">{t("handover.patients", { n: stays.length })}</legend>
        {tiles.length === 0 && <p class="notice">{t("handover.no_patients")}</p>}
        <div class="bed-chips">
          {tiles.map((x) => (
            <button key={x.bed} type="button" class="bed-chip" aria-pressed={!left.value.has(x.stay!.id)} onClick={() => toggle(x.stay!.id)}>
              <b>{bedName(x.label)}</b> {x.stay!.name}
            </button>
          ))}
        </div>
      </fieldset>
      <p class="field">
        <label for="handover-note">{t("handover.note")}</label>
        <textarea id="handover-note" rows={3} maxLength={500} value={note.value} onInput={(e) => (note.value = e.currentTarget.value)} />
      </p>
      {stays.length > 0 && <DigestView ward={board.ward} role={post.value} stays={stays} />}
      <p class="form-end">
        <button type="submit" class="button button-main" disabled={busy.value || !to.value || stays.length === 0}>
          {t("handover.send")}
        </button>
      </p>
    </form>
  );
}
