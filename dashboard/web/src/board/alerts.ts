import type { Alert, Band, Cause, Score } from "../live/contract";
import { code, knows, t } from "../text/locale";
import { span } from "../text/format";
import { flagBrief, flagText } from "../tile/flags";

export type Priority = "high" | "medium" | "low";

const untaken = new Set(["persisted", "active", "delivered", "seen"]);

/** Nobody has taken the alert on. */
export function waiting(a: Alert): boolean {
  return untaken.has(a.state);
}

/** Somebody has taken the alert on, and its clock still runs for somebody else. */
export function lacking(a: Alert): boolean {
  return (a.next === "accept" && (a.state === "accepted" || a.state === "at_bedside")) || (a.next === "bedside" && a.state === "at_bedside");
}

/**
 * An acceptance is lacking: nobody's, or that of a duty that must accept although others have, or are at
 * the bedside already. It sounds, and its clock runs.
 */
export function unaccepted(a: Alert): boolean {
  return waiting(a) || (lacking(a) && a.next === "accept");
}

/** How urgent an alert is on screen and by ear. Technical ones have a quieter lane. */
export function priority(a: Alert): Priority {
  if (a.kind === "technical") return "low";
  if (a.band === "high") return "high";
  return a.band === "medium" ? "medium" : "low";
}

const rank: Record<Priority, number> = { high: 3, medium: 2, low: 1 };

/** Unaccepted first, then by priority, then the one that has waited longest. */
export function byUrgency(a: Alert, b: Alert): number {
  return (
    Number(unaccepted(b)) - Number(unaccepted(a)) ||
    rank[priority(b)] - rank[priority(a)] ||
    (a.raised ?? 0) - (b.raised ?? 0) ||
    (a.id < b.id ? -1 : 1)
  );
}

/** The alert a tile has room for. */
export function foremost(alerts: Alert[]): Alert | undefined {
  return [...alerts].sort(byUrgency)[0];
}

export const bandRank: Record<Band, number> = { high: 4, medium: 3, low_medium: 2, unknown: 1, low: 0 };

const ofDevice = "device:";
const worried = "worried"; // a person's worry travels as an alarm, but no device raised it

function raisedByDevice(c: Cause): boolean {
  return c.code.startsWith(ofDevice) && c.code !== ofDevice + worried;
}

function causeText(c: Cause, points: number, score: Score | null | undefined, brief = false): string {
  if (c.code.startsWith(ofDevice)) return alarmCause(c.code.slice(ofDevice.length));
  if (knows("score.chart", c.code)) {
    const now = score && c.code === score.chart ? movedTo(score, points) : "";
    return `${code("score.chart", c.code)} ${points}` + (now && t("cause.now", { score: now }));
  }
  return brief ? flagBrief(c.code) : flagText(c.code);
}

// What the score has become since the alert was told; empty when it is the same or not known.
function movedTo(score: Score, told: number): string {
  if (score.refused || score.lost || score.have === 0 || score.lower_bound === told) return "";
  return `${score.complete ? "" : "≥"}${score.lower_bound}`;
}

/** An alarm as a cause: who raised it, and what it says. */
export function alarmCause(c: string): string {
  return c === worried ? t("cause.worried") : t("cause.device", { code: alarmText(c) });
}

export function alarmText(c: string): string {
  return knows("alarm", c) ? code("alarm", c) : c.replaceAll("_", " ");
}

/**
 * The causes that still hold, worst first; all of them when none does. A chart's cause names the
 * points it was told for, and the bed's present score where that is another.
 */
export function causes(a: Alert, score: Score | null | undefined): string {
  const all = standing(a);
  const alarms = all.filter(raisedByDevice);
  const texts = all.filter((c) => !alarms.includes(c)).map((c) => causeText(c, a.points, score));
  if (alarms.length > 0) texts.push(t("cause.device", { code: alarms.map((c) => alarmText(c.code.slice(ofDevice.length))).join(", ") }));
  return texts.join(" · ");
}

/** The worst cause alone, and how many stand beside it. */
export function worstCause(a: Alert, score: Score | null): string {
  const [worst, ...others] = standing(a);
  if (!worst) return code("alert.state", a.state);
  return causeText(worst, a.points, score, true) + (others.length > 0 ? ` +${others.length}` : "");
}

function standing(a: Alert): Cause[] {
  const holding = a.causes.filter((c) => !c.ended);
  return (holding.length > 0 ? holding : a.causes).toSorted((x, y) => bandRank[y.band] - bandRank[x.band]);
}

/** How long before its end a snooze says that it ends. */
const warned = 5 * 60_000;

/** A snooze that ends soon: whoever asked for it should look again. */
export function snoozeEnds(a: Alert, at: number): boolean {
  return a.state === "snoozed" && a.until !== null && a.until - at <= warned;
}

/** What the alert's clock says at server time at; empty when nothing is due. */
export function countdown(a: Alert, at: number): string {
  if (!a.next_at) return "";
  const left = a.next_at - at;
  const time = span(Math.abs(left));
  if (a.next === "accept") return t(left >= 0 ? "alert.climbs_in" : "alert.climbs_overdue", { time });
  if (a.next === "confirm") return t(left >= 0 ? "alert.confirm_in" : "alert.bedside_overdue", { time });
  if (a.next === "bedside") return t(left >= 0 ? "alert.bedside_in" : "alert.bedside_overdue", { time });
  return "";
}
