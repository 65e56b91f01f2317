// The shapes the server sends. Times are Unix milliseconds; null means "not known", never "normal".

export type Band = "low" | "unknown" | "low_medium" | "medium" | "high";
/** The inputs of NEWS2, as the board lays them out. */
export type PartInput = "rr" | "spo2" | "o2" | "sbp" | "hr" | "consciousness" | "temp";
export type PartState = "present" | "missing" | "stale" | "implausible";
export type Source = "device" | "manual" | "his";
export type NamesMode = "given" | "initials" | "none";

export interface Part {
  /** One of PartInput on NEWS2; another chart may have others. */
  input: string;
  points: number;
  state: PartState;
  /** Why the value is not believed; absent when it is. */
  doubt?: Doubt;
  value: number | null;
  at: number | null;
  source: Source;
}

export type Doubt =
  | "out_of_range"
  | "poor_signal"
  | "too_few_good"
  | "pressure_order"
  | "pulse_mismatch"
  | "sudden_fall"
  | "cardiac_artefact"
  | "stuck_value"
  | "probe_off"
  | "line_flush"
  | "line_damped";

/** Why a charted set is not complete. */
export type PartialReason = "monitored" | "asleep" | "refused" | "away" | "emergency" | "device_unavailable" | "doctor_order" | "other";

/**
 * A reason for concern beside the points. Codes: limit:{vital}:{low|high}, usual:{vital}:{low|high},
 * oxygen_device, oxygen_rise, oxygen_high, scale2_review, limits_lapse, risk:{task}, respiratory, image_review[:n]; an
 * alert's cause has the same.
 */
export interface Flag {
  code: string;
  band: Band;
  number: number | null;
  limit: number | null;
  since: number | null;
  /** Its input was lost since: neither confirmed nor over. */
  held: boolean;
}

/** The last set that a person confirmed, as the chart scores it. */
export interface Charted {
  at: number | null;
  /** Null when the set is not complete. */
  total: number | null;
  lower_bound: number;
  complete: boolean;
  band: Band;
  partial: PartialReason | "";
  /** When the next set is due. */
  due: number | null;
}

export interface Score {
  chart: string;
  variant: string;
  total: number | null;
  lower_bound: number;
  complete: boolean;
  have: number;
  need: number;
  band: Band;
  held: boolean;
  held_since: number | null;
  refused: string;
  lost: boolean;
  at: number | null;
  last_data: number | null;
  check: string;
  parts: Part[];
  /** The worst first. */
  flags: Flag[];
  /** Null until a person has charted. */
  charted: Charted | null;
  trend: number | null;
}

export interface Vital {
  v: number;
  at: number;
  source: Source;
  quality: string;
  /** Why the value is not believed; absent when it is. */
  doubt?: Doubt;
}

export interface OffWard {
  destination: string;
  since: number | null;
  until: number | null;
}

/** Limits of a person's own for one vital, or what is usual for them. */
export interface Limit {
  vital: string;
  low: number | null;
  high: number | null;
  usual: number | null;
  until: number | null;
  /** Empty where names are hidden. */
  reason: string;
  by: string;
}

export interface Stay {
  id: string;
  name: string;
  birth_year: number | null;
  age: number | null;
  sex: string;
  scale: number;
  /** A doctor's orders in force when this was sent; each lapses by itself. */
  limits: Limit[];
  care: string;
  off: OffWard | null;
  same_name: boolean;
  /** Of this shift; null while nobody is assigned. */
  nurse: Named | null;
  doctor: Named | null;
}

/** A member of staff; the name is empty where names are hidden. */
export interface Named {
  id: string;
  name: string;
}

export interface DeviceAlarm {
  code: string;
  priority: "low" | "medium" | "high";
  since: number;
}

export interface Cause {
  code: string;
  band: Band;
  since: number | null;
  ended: number | null;
}

export interface Duty {
  role: string;
  level: number;
  told: number | null;
  accepted: number | null;
  declined: number | null;
  by: string;
  by_name: string;
  /** How those told were found. */
  how: Holding;
  /** Who was told; empty: the role as a whole. */
  people: Named[];
  on_way: number | null;
}

/** How the people who answer for a duty were found; from "default" on the roster has a hole. */
export type Holding = "" | "assigned" | "roster" | "default" | "all" | "nobody";

export interface Alert {
  id: string;
  ward: string;
  bed: string;
  stay: string;
  kind: "clinical" | "device_alarm" | "technical";
  state: string;
  band: Band;
  points: number;
  causes: Cause[];
  level: number;
  raised: number | null;
  told: number | null;
  /** accept, bedside, wake, review, confirm, warn … */
  next: string;
  next_at: number | null;
  roles: Duty[];
  /** Who accepted it last. */
  owner: Named | null;
  /** When the owner said that they were coming. */
  on_way: number | null;
  /** A duty was told without anybody on the roster for it. */
  unrostered: boolean;
  accepted_by: string;
  accepted_at: number | null;
  bedside_by: string;
  bedside_at: number | null;
  until: number | null;
  rule: string;
  version: number;
}

export interface Device {
  id: string;
  state: "unknown" | "online" | "offline" | "standby";
  battery: number | null;
  seen: number | null;
  confirmed: boolean;
}

export interface Spark {
  start: number;
  step: number;
  rr: (number | null)[];
  spo2: (number | null)[];
  hr: (number | null)[];
  sbp: (number | null)[];
  score: (number | null)[];
}

export interface Tile {
  bed: string;
  label: string;
  order: number;
  stay: Stay | null;
  apart: string;
  score: Score | null;
  vitals: Record<string, Vital>;
  alarms: DeviceAlarm[];
  alerts: Alert[];
  device: Device | null;
  spark?: Spark | null;
  /** Null when nothing is foretold of whoever lies there. */
  assessed: Assessed | null;
}

/** What a learned model foretells. */
export type Task = "deterioration" | "respiratory";

/** The little that a tile shows of the newest assessment; the rest is asked for by bed. */
export interface Assessed {
  /** Another one: what is asked for by bed has changed. */
  version: number;
  at: number;
  /** Then greyed, with its age. */
  fresh_until: number;
  /** Then gone. */
  shown_until: number;
  risks: RiskMark[];
  /** What the imaging findings that count are; empty: there are none. */
  imaging: "" | "unread" | "confirmed" | "context";
}

/** A risk that asks for concern, or whose model cannot speak. */
export interface RiskMark {
  task: Task;
  raised: boolean;
  value: number | null;
  withheld: string;
}

export interface System {
  code: string;
  bad: boolean;
  since: number | null;
  detail: string;
}

export interface Snapshot {
  ward: { id: string; name: string };
  time: number;
  version: string;
  simulation: boolean;
  system: System[];
  tiles: Tile[];
  limits: Record<string, number>;
}

export interface Delta {
  time: number;
  tiles?: Tile[];
  gone?: string[];
  system?: System[];
}

export interface Person {
  id: string;
  name: string;
  access: string;
  duties: string[];
  lang: string;
  wards: string[];
}

export interface Session {
  person: Person;
  csrf: string;
  version: string;
  simulation: boolean;
  time: number;
  zone: string;
}

export interface Ward {
  id: string;
  name: string;
  beds: number;
}

export interface TimelineItem {
  at: number;
  by_name: string;
  deed: string;
  detail: string;
}

/** A problem+json body. */
export interface Problem {
  title: string;
  status: number;
  detail: string;
  hint: string;
  code: string;
}

/** The parts of a stay's record that its orders are shown from. */
export interface StayRecord {
  id: string;
  scale: { number: number; prescriber: string; reason: string; since: number | null };
  care: { status: string; by: string; since: number | null; review: number | null };
}

/** What was kept of a charted set, and how it was taken. */
export interface ObservationReply {
  id: string;
  at: number;
  /** 1, or more when it corrects a set of the same time. */
  version: number;
  /** Afterwards: kept at its time, never alerting as new. */
  taken: "current" | "afterwards";
  complete: boolean;
  /** Inputs of the person's chart that the set lacks. */
  missing: string[];
}
