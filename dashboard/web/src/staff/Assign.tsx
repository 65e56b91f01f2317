import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { call } from "../app/api";
import { session } from "../app/session";
import type { Board } from "../live/board";
import type { Tile } from "../live/contract";
import { tell } from "../sheet/acting";
import { bedName } from "../text/format";
import { code, t } from "../text/locale";
import { Choice } from "../ui/Choice";
import { Sheet } from "../ui/Sheet";
import { say } from "../ui/toast";
import { assigning, choose, chosen } from "./mine";
import { holds } from "../board/taken";
import { holder, inCharge, onDuty, ownPost, useStaff, type Post } from "./staff";

/** Whose patients are whose this shift: choose beds, then a person; or drag a bed onto one. */
export function Assign({ board, close }: { board: Board; close(): void }) {
  const post = useSignal<Post>(ownPost());
  const busy = useSignal(false);
  const staff = useStaff(board.ward);
  useEffect(() => {
    assigning.value = true;
    return () => {
      assigning.value = false;
      chosen.value = new Set();
    };
  }, []);
  const tiles = board.beds.value.map((b) => b.tile.value).filter((x) => x.stay);
  const me = session.value?.person.id ?? "";
  const people = (staff ?? []).filter((s) => holds(s, post.value) && (inCharge() || s.id === me));

  const give = async (stays: string[], person: string, name: string) => {
    if (busy.value || stays.length === 0) return;
    busy.value = true;
    const before = stays.map((id) => [id, holder(tiles.find((x) => x.stay?.id === id)!, post.value)?.id ?? ""] as const);
    const p = post.value;
    const done = await assign(p, stays.map((id) => [id, person]));
    if (done > 0) {
      chosen.value = new Set();
      say(t("assign.done", { n: done, name: name || t("assign.nobody") }), "good", () => void assign(p, before));
    }
    busy.value = false;
  };

  return (
    <Sheet title={t("assign.title")} close={close}>
      <p class="person">{t(inCharge() ? "assign.how" : "assign.how_own")}</p>
      <Choice label={t("assign.as")} value={post.value} choose={(v) => (post.value = v)} of={(["nurse", "doctor_on_duty"] as const).map((r) => [r, code("role", r)])} />
      <section>
        <h3>{t("assign.beds", { n: chosen.value.size })}</h3>
        <div class="bed-chips">
          {tiles.map((x) => (
            <BedChip key={x.bed} tile={x} post={post.value} />
          ))}
        </div>
        <div class="row">
          <button type="button" class="button" onClick={() => (chosen.value = new Set(tiles.filter((x) => !holder(x, post.value)).map((x) => x.stay!.id)))}>
            {t("assign.free")}
          </button>
          <button type="button" class="button" disabled={chosen.value.size === 0} onClick={() => (chosen.value = new Set())}>
            {t("assign.none")}
          </button>
        </div>
      </section>
      <section>
        <h3>{t("assign.to")}</h3>
        {staff && people.length === 0 && <p class="notice">{t("assign.no_staff")}</p>}
        <ul class="staff-rail">
          {people.map((s) => (
            <li key={s.id}>
              <Target id={s.id} name={s.name} busy={busy.value} give={give}>
                <b>{s.name}</b>
                <span>{[onDuty(s) || t("assign.off_duty"), t("board.patients", { n: tiles.filter((x) => holder(x, post.value)?.id === s.id).length })].join(" · ")}</span>
              </Target>
            </li>
          ))}
          <li>
            <Target id="" name="" busy={busy.value} give={give}>
              <b>{t("assign.nobody")}</b>
              <span>{t("assign.take_off")}</span>
            </Target>
          </li>
        </ul>
      </section>
    </Sheet>
  );
}

// One after the other: a list of forty must not be forty requests at once. It says how many were taken.
async function assign(post: Post, pairs: readonly (readonly [string, string])[]): Promise<number> {
  let done = 0;
  for (const [stay, person] of pairs) {
    try {
      await call("POST", `/stays/${encodeURIComponent(stay)}/assignment`, post === "nurse" ? { nurse: person } : { doctor: person });
      done++;
    } catch (e) {
      tell(e);
      break;
    }
  }
  return done;
}

function BedChip({ tile, post }: { tile: Tile; post: Post }) {
  const stay = tile.stay!;
  const has = holder(tile, post);
  return (
    <button
      type="button"
      class="bed-chip"
      draggable
      aria-pressed={chosen.value.has(stay.id)}
      onClick={() => choose(stay.id)}
      onDragStart={(e) => e.dataTransfer?.setData("text/plain", stay.id)}
    >
      <b>{bedName(tile.label)}</b> {stay.name}
      <small>{has ? has.name : t("assign.nobody")}</small>
    </button>
  );
}

function Target(p: { id: string; name: string; busy: boolean; give(stays: string[], person: string, name: string): void; children: ComponentChildren }) {
  const over = useSignal(false);
  return (
    <button
      type="button"
      class={`button staff-target${over.value ? " is-over" : ""}`}
      data-staff={p.id}
      aria-disabled={p.busy || chosen.value.size === 0}
      onClick={() => (chosen.value.size > 0 ? p.give([...chosen.value], p.id, p.name) : say(t("assign.choose_first"), "bad"))}
      onDragOver={(e) => {
        e.preventDefault();
        over.value = true;
      }}
      onDragLeave={() => (over.value = false)}
      onDrop={(e) => {
        e.preventDefault();
        over.value = false;
        const stay = e.dataTransfer?.getData("text/plain") ?? "";
        if (stay) p.give(chosen.value.has(stay) ? [...chosen.value] : [stay], p.id, p.name); // a chosen bed brings the others along
      }}
    >
      {p.children}
    </button>
  );
}
