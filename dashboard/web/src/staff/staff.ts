import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../app/api";
import { session } from "../app/session";
import { tell } from "../sheet/acting";
import type { Tile } from "../live/contract";
import { code, t } from "../text/locale";
import type { Staff } from "./contract";

/** The duties that have patients of their own. */
export type Post = "nurse" | "doctor_on_duty";

/** The post that is this person's own. */
export function ownPost(): Post {
  return session.peek()?.person.access === "doctor" ? "doctor_on_duty" : "nurse";
}

export function inCharge(): boolean {
  return session.value?.person.access === "nurse_in_charge";
}

/** As what the roster has a person on duty now; empty when as nothing. Another duty is no help to a post. */
export function onDuty(s: Staff): string {
  return s.on_duty.length > 0 ? t("assign.on_duty_as", { roles: s.on_duty.map((r) => code("role", r)).join(", ") }) : "";
}

/** Who holds the post beside the bed. */
export function holder(tile: Tile, post: Post) {
  return (post === "nurse" ? tile.stay?.nurse : tile.stay?.doctor) ?? null;
}

/** The ward's staff, those on duty first; null before the answer. */
export function useStaff(ward: string): Staff[] | null {
  const list = useSignal<Staff[] | null>(null);
  useEffect(() => {
    call<Staff[]>("GET", `/wards/${encodeURIComponent(ward)}/staff`).then(
      (s) => (list.value = s.toSorted((a, b) => Number(b.on_duty.length > 0) - Number(a.on_duty.length > 0) || a.name.localeCompare(b.name, "vi"))),
      tell,
    );
  }, [ward]);
  return list.value;
}
