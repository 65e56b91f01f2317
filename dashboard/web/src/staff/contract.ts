import type { Holding, Named } from "../live/contract";

// Who is on duty, whose patients are whose, and what is handed over. Times are Unix milliseconds.

export interface DutyNow {
  at: number;
  roles: DutyRole[];
}

export interface DutyRole {
  role: string;
  how: Holding;
  people: Named[];
}

export interface Staff extends Named {
  access: string;
  duties: string[];
  /** Roles that the roster gives them now. */
  on_duty: string[];
}

export interface Roster {
  shifts: Shift[];
  defaults: { role: string; people: Named[] }[];
}

export interface Shift {
  id: string;
  /** Empty: for the whole hospital. */
  ward: string;
  role: string;
  person: string;
  name: string;
  from: number;
  to: number;
}

export interface RosterReport {
  rows: number;
  added: number;
  unchanged: number;
  refused: { line: number; reason: string }[] | null;
}

export interface HandOver {
  id: string;
  role: string;
  from: Named;
  to: Named;
  stays: { id: string; bed: string; name: string }[];
  note: string;
  offered: number;
  state: "offered" | "accepted" | "declined" | "withdrawn";
  answered: number | null;
  reason: string;
}

export interface Digest {
  at: number;
  patients: DigestPatient[];
  /** The same, to be read out. */
  text: string;
}

export interface DigestPatient {
  stay: string;
  bed: string;
  label: string;
  name: string;
  band: string;
  /** Null: no score. */
  points: number | null;
  /** Inputs are missing: the points are a lower bound. */
  at_least: boolean;
  /** Null: none is open. */
  alert: { state: string; since: number | null; owner: string } | null;
  last_set: number | null;
  next_set: number | null;
  care: string;
  limits: string[];
  tasks: string[];
  events: { at: number; text: string }[];
}

export interface SymptomCheck {
  id?: string;
  at: number;
  by_name?: string;
  pain: number;
  breathless: number;
  agitation: number;
  nausea: number;
  secretions: number;
  note: string;
}
