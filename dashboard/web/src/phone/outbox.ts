import { signal } from "@preact/signals";
import { ApiError, call } from "../app/api";
import { goSignIn } from "../app/route";
import { session } from "../app/session";
import { now } from "../live/clock";
import type { Alert } from "../live/contract";
import type { Deed } from "../sheet/acting";

/** What a person did, until the server has it or has refused it. */
export interface Deposit {
  id: string;
  person: string;
  alert: string;
  bed: string;
  deed: Deed;
  reason?: string;
  until?: number;
  /** The alert's rung when it was pressed, to tell whether an escalation has happened already. */
  level: number;
  /** Server time. */
  pressed: number;
  tries: number;
  state: "sending" | "waiting" | "held" | "refused";
  error: string;
}

/** After this long a deed is sent only when its person asks again: what was true then may not be now. */
const lasting = 5 * 60_000;
const longestPause = 15_000;
const key = "wardwatch.unsent";

/** What is on its way, the oldest first. It lives as long as the tab, so that a reload loses nothing. */
export const unsent = signal<Deposit[]>(kept());
/** Rises with each deed that the server took. */
export const taken = signal(0);

let timer: number | undefined;

/** Keeps a deed and sends it. */
export function deposit(alert: Alert, deed: Deed, bed: string, extra: { reason?: string; until?: number } = {}): void {
  const item: Deposit = {
    id: `${alert.id} ${deed} ${Math.round(now())}`,
    person: session.peek()?.person.id ?? "",
    alert: alert.id,
    bed,
    deed,
    ...extra,
    level: alert.level,
    pressed: Math.round(now()),
    tries: 0,
    state: "sending",
    error: "",
  };
  put([...unsent.peek().filter((d) => d.alert !== item.alert || d.deed !== deed), item]);
  void send(item);
}

/** Sends again what waits: on coming back to the network, and when its person asks. */
export function sendAgain(id?: string): void {
  clearTimeout(timer);
  for (const item of unsent.peek()) {
    if (id ? item.id === id : item.state === "waiting") void send(item);
  }
}

/** Forgets a deed, as its person asks. */
export function drop(id: string): void {
  put(unsent.peek().filter((d) => d.id !== id));
}

async function send(item: Deposit): Promise<void> {
  if (item.person !== session.peek()?.person.id) return; // nobody acts in another's name
  change(item.id, { state: "sending" });
  try {
    // An answer may have been lost on its way: what has happened already is not done twice.
    if (item.tries > 0 && happened(item, await call<Alert>("GET", `/alerts/${item.alert}`))) return done(item);
    await call<Alert>("POST", `/alerts/${item.alert}/actions`, { do: item.deed, level: item.level, reason: item.reason, until: item.until });
    done(item);
  } catch (e) {
    failed(item, e);
  }
}

function done(item: Deposit): void {
  drop(item.id);
  taken.value++;
}

function failed(item: Deposit, e: unknown): void {
  const status = e instanceof ApiError ? e.status : 0;
  if (status === 401) goSignIn();
  const again = status === 0 || status === 401 || status === 429 || status >= 500;
  if (!again) {
    change(item.id, { state: "refused", error: e instanceof ApiError ? [e.message, e.hint].filter(Boolean).join(" ") : "" });
    taken.value++; // what the person saw was old
    return;
  }
  const tries = item.tries + 1;
  change(item.id, { tries, state: now() - item.pressed > lasting ? "held" : "waiting" });
  clearTimeout(timer);
  timer = window.setTimeout(() => sendAgain(), Math.min(longestPause, 1000 * 2 ** (tries - 1)));
}

/** Whether the alert shows that the deed has been taken. */
export function happened(d: Deposit, alert: Alert): boolean {
  const mine = alert.roles.filter((r) => r.by === d.person);
  const since = (at: number | null) => at !== null && at >= d.pressed - 1000;
  switch (d.deed) {
    case "accept":
      return mine.some((r) => since(r.accepted));
    case "decline":
      return mine.some((r) => since(r.declined));
    case "on_way":
      return mine.some((r) => r.on_way !== null);
    case "at_bedside":
      return since(alert.bedside_at);
    case "escalate":
      return alert.level > d.level;
    case "resolve":
      return alert.state === "resolved";
    case "snooze":
      return alert.state === "snoozed";
    default:
      return false;
  }
}

function change(id: string, to: Partial<Deposit>): void {
  put(unsent.peek().map((d) => (d.id === id ? Object.assign(d, to) : d)));
}

function put(items: Deposit[]): void {
  unsent.value = items;
  try {
    sessionStorage.setItem(key, JSON.stringify(items));
  } catch {
    // Storage is forbidden: then it lasts as long as the page.
  }
}

function kept(): Deposit[] {
  try {
    const items = JSON.parse(sessionStorage.getItem(key) ?? "[]") as Deposit[];
    return items.map((d) => ({ ...d, tries: d.tries + 1, state: "waiting" }));
  } catch {
    return [];
  }
}
