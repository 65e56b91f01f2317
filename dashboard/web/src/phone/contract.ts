import type { Risk, Respiratory } from "../assess/contract";
import type { Finding } from "../imaging/contract";
import type { Alert, Named, Score, TimelineItem } from "../live/contract";

// What the phone page asks for. Times are Unix milliseconds; null means "not known", never "normal".

export interface Me {
  person: { id: string; name: string };
  on_duty: { ward: string; role: string; until: number | null }[];
  contacts: Contact[];
  /** The server's VAPID key; empty: it sends no push. */
  push_key: string;
}

export interface Contact {
  id: string;
  channel: string;
  label: string;
  added: number | null;
}

/** An open alert that is mine to answer. */
export interface MyAlert extends Alert {
  /** The duty in which it is mine. */
  mine: string;
  answered: boolean;
}

/** All that is needed to act on one alert. */
export interface AlertPage {
  alert: Alert & { timeline: TimelineItem[] };
  /** Null: the alert is nobody's, or who lies there is not certain. */
  stay: PageStay | null;
  /** Why it is uncertain whose figures the monitor sends; empty: it is not. */
  apart: string;
  score: Score | null;
  /** The last four hours: [time, mean of that minute]. */
  since: Record<string, [number, number][]>;
  risks: Risk[];
  respiratory: Respiratory | null;
  findings: Finding[];
  notices: PageNotice[];
  /** Null for an alert that is not about a patient. */
  isbar: Record<"vi" | "en", Isbar> | null;
  may: Record<May, boolean>;
}

export type May = "accept" | "decline" | "on_way" | "at_bedside" | "plan" | "resolve" | "snooze" | "escalate";

export interface PageStay {
  label: string;
  name: string;
  age: number | null;
  sex: string;
  care: string;
  scale: number;
  nurse: Named | null;
  doctor: Named | null;
  admitted: number | null;
}

/** Identify, situation, background, assessment, recommendation. */
export interface Isbar {
  i: string;
  s: string;
  b: string;
  a: string;
  r: string;
}

export interface PageNotice {
  role: string;
  to_name: string;
  how: string;
  channel: string;
  made: number | null;
  settled: number | null;
  state: string;
}
