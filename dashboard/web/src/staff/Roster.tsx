import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../app/api";
import type { Board } from "../live/board";
import { now } from "../live/clock";
import { tell } from "../sheet/acting";
import { clock, date } from "../text/format";
import { code, t } from "../text/locale";
import { Sheet } from "../ui/Sheet";
import { say } from "../ui/toast";
import type { Roster as RosterData, Shift } from "./contract";
import { Defaults } from "./Defaults";
import { askDuty } from "./duty";
import { RosterImport } from "./RosterImport";
import { ShiftForm } from "./ShiftForm";
import { useStaff } from "./staff";
import { dateOf, day, mondayOf } from "./week";

/** Who is on duty, a week at a time, and who is told when nobody is. */
export function Roster({ board, close }: { board: Board; close(): void }) {
  const from = useSignal(mondayOf(now()));
  const got = useSignal<RosterData | null>(null);
  const staff = useStaff(board.ward) ?? [];
  const path = `/wards/${encodeURIComponent(board.ward)}`;
  const to = mondayOf(from.value + 7.5 * day);
  const load = () => {
    call<RosterData>("GET", `${path}/roster?from=${from.value}&to=${to}`).then((r) => (got.value = r), tell);
    askDuty();
  };
  useEffect(load, [from.value]);
  const remove = async (s: Shift) => {
    try {
      await call("DELETE", `/roster/${encodeURIComponent(s.id)}`);
      say(t("roster.removed"), "good", () => void call("POST", `${path}/roster`, { role: s.role, person: s.person, from: s.from, to: s.to, hospital: s.ward === "" }).then(load, tell));
      load();
    } catch (e) {
      tell(e);
    }
  };
  const week = (by: number) => (from.value = mondayOf(from.value + (by * 7 + 0.5) * day));
  return (
    <Sheet title={t("roster.title")} close={close}>
      <div class="row week">
        <button type="button" class="button" aria-label={t("roster.before")} onClick={() => week(-1)}>
          ‹
        </button>
        <b>
          {date(from.value)} – {date(to - day / 2)}
        </b>
        <button type="button" class="button" aria-label={t("roster.after")} onClick={() => week(1)}>
          ›
        </button>
      </div>
      {got.value && <Days shifts={got.value.shifts} remove={(s) => void remove(s)} from={from.value} to={to} />}
      <ShiftForm path={path} staff={staff} done={load} />
      {got.value && <Defaults path={path} defaults={got.value.defaults ?? []} staff={staff} done={load} />}
      <RosterImport done={load} />
      <p>
        <a class="button" href={`/api/v1${path}/roster.csv?from=${from.value}&to=${to}`} download>
          {t("roster.export")}
        </a>
      </p>
    </Sheet>
  );
}

function Days({ shifts, remove, from, to }: { shifts: Shift[]; remove(s: Shift): void; from: number; to: number }) {
  const sorted = shifts.toSorted((a, b) => a.from - b.from || a.role.localeCompare(b.role));
  const days = new Map<string, Shift[]>();
  for (const s of sorted) {
    const d = dateOf(Math.max(s.from, from));
    days.set(d, [...(days.get(d) ?? []), s]);
  }
  if (days.size === 0) return <p class="notice">{t("roster.none")}</p>;
  return (
    <section>
      {[...days].map(([d, list]) => (
        <div key={d} class={`roster-day${d === dateOf(now()) ? " is-today" : ""}`}>
          <h3>{date(Math.min(Math.max(list[0]!.from, from), to))}</h3>
          <ul>
            {list.map((s) => (
              <li key={s.id}>
                <time>{`${clock(s.from)}–${clock(s.to)}`}</time>
                <span>
                  <b>{s.name}</b> {code("role", s.role)}
                  {s.ward === "" && ` · ${t("roster.hospital")}`}
                </span>
                <button type="button" class="button" aria-label={t("roster.remove", { name: s.name })} onClick={() => remove(s)}>
                  {t("duty.remove")}
                </button>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}
