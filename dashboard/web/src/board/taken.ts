import { session } from "../app/session";
import type { Alert, Duty } from "../live/contract";
import { clock } from "../text/format";
import { code, t } from "../text/locale";
import { lacking, waiting } from "./alerts";

/** The duties of doctors: a nurse's acceptance or arrival does not stand for theirs. */
const doctors = new Set(["doctor_on_duty", "duty_lead", "intensive_care"]);

/** Who has the alert, or that nobody does; where that is longer than room characters, the name loses its first words. */
export function owner(a: Alert, room = 80): string {
  const comes = coming(a);
  switch (a.state) {
    case "accepted":
      if (comes) return comes.by_name ? named("alert.on_way", comes.by_name, room) : t("alert.somebody_on_way");
      return a.accepted_by ? named("alert.accepted_by", a.accepted_by, room) : t("alert.somebody_accepted");
    case "at_bedside":
      return a.bedside_by ? named("alert.at_bedside_by", a.bedside_by, room) : t("alert.somebody_at_bedside");
    case "snoozed":
      return a.until ? t("alert.snoozed_until", { time: clock(a.until) }) : code("alert.state", a.state);
    case "suppressed":
      return t("alert.suppressed_by", { rule: code("rule", a.rule) });
    default:
      return t(a.roles.some(lapsed) ? "alert.nobody_came" : "alert.unaccepted");
  }
}

/** When the one who is on the way set out; empty while nobody is. */
export function setOut(a: Alert): string {
  const comes = coming(a);
  return comes && a.state === "accepted" ? t("alert.on_way_since", { time: clock(comes.on_way) }) : "";
}

/** Somebody accepted the duty, and did not come in time: it asks anew. */
export function lapsed(r: Duty): boolean {
  return r.by !== "" && r.accepted === null && r.declined === null;
}

/** Found without the roster: it names nobody. */
export function hole(r: Duty): boolean {
  return r.how === "default" || r.how === "all" || r.how === "nobody";
}

/** For which duties the roster named nobody; empty when it named somebody for each. */
export function unrostered(a: Alert): string {
  const roles = [...new Set(a.roles.filter(hole).map((r) => role(r.role)))].join(", ");
  return roles && t("duty.unrostered", { roles });
}

/** That a plan is in place, and until when; empty when none is. */
export function plan(a: Alert): string {
  return a.state === "at_bedside" && a.rule === "plan_in_place" && a.until ? t("alert.plan_until", { time: clock(a.until) }) : "";
}

// Who said that they are coming; to have accepted is not to be on the way.
function coming(a: Alert): Duty | undefined {
  return a.roles.findLast((r) => r.accepted !== null && r.on_way !== null);
}

// A Vietnamese name ends in what people are called by.
function named(key: "alert.on_way" | "alert.accepted_by" | "alert.at_bedside_by", name: string, room: number): string {
  const words = name.split(" ");
  const text = () => t(key, { name: words.join(" ") });
  while (words.length > 1 && text().length > room) words.shift();
  return text();
}

/** Whose acceptance or arrival is still lacking, in words; empty when none is, or when nobody has taken the alert at all. */
export function lacks(a: Alert, room = 200): string {
  if (!lacking(a)) return "";
  const key = a.next === "accept" ? "alert.lacks_accept" : "alert.lacks_bedside";
  const text = (roles: string) => t(key, { roles });
  const whole = text(awaited(a).map(role).join(", ") || t("alert.others"));
  return whole.length > room ? text(shortened(a)) : whole;
}

/** The same for a tile, beside the alert's clock. */
export function waitsFor(a: Alert): string {
  return t("alert.waits_for", { roles: shortened(a) });
}

function shortened(a: Alert): string {
  const [first, ...more] = awaited(a);
  return first ? role(first) + (more.length > 0 ? ` +${more.length}` : "") : t("alert.others");
}

function role(r: string): string {
  return code("role", r);
}

/**
 * The duties that the alert still waits for. Whoever was told and has not answered may be meant; where a
 * doctor is among them, it is the doctor: that is why the others' acceptance was not enough.
 */
function awaited(a: Alert): string[] {
  const open = a.roles.filter((r) => r.told !== null && (a.next === "accept" ? r.accepted === null && r.declined === null : r.accepted !== null));
  const first = open.filter((r) => doctors.has(r.role));
  return [...new Set((first.length > 0 ? first : open).map((r) => r.role))];
}

/** Whether this person's acceptance is asked for: anybody's while nobody has the alert, then theirs whose duty has not answered. */
export function asksMe(a: Alert): boolean {
  if (waiting(a)) return true;
  return a.next === "accept" && lacking(a) && a.roles.some((r) => r.accepted === null && r.declined === null && isMine(r));
}

/** The duty that this person has accepted, if any. */
export function accepted(a: Alert): Duty | undefined {
  return a.roles.find((r) => r.accepted !== null && r.by === session.value?.person.id);
}

// A duty is somebody's when it names them, or their role where it names nobody or everybody who has it.
function isMine(r: Duty): boolean {
  const me = session.value?.person;
  if (!me) return false;
  const people = r.people ?? [];
  if (r.by === me.id || people.some((p) => p.id === me.id)) return true;
  return (people.length === 0 || r.how === "all") && holds(me, r.role);
}

/** The duty that comes with an access, for those who have been given none of their own. */
const usual: Record<string, string> = { nurse: "nurse", nurse_in_charge: "nurse_charge", doctor: "doctor_on_duty", engineer: "engineer" };

/** Who may hold a duty. */
export function holds(p: { duties: string[]; access: string }, role: string): boolean {
  return p.duties.length > 0 ? p.duties.includes(role) : usual[p.access] === role;
}
