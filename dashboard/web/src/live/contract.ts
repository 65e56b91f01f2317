// The shapes the server sends. Times are Unix milliseconds; null means "not known", never "normal".

export type Band = "low" | "unknown" | "low_medium" | "medium" | "high";
export type PartInput = "rr" | "spo2" | "o2" | "sbp" | "hr" | "consciousness" | "temp";
export type PartState = "present" | "missing" | "stale" | "implausible";
export type Source = "device" | "manual" | "his";
export type NamesMode = "given" | "initials" | "none";

export interface Part {
  input: PartInput;
  points: number;
  state: PartState;
  value: number | null;
  at: number | null;
  source: Source;
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
  trend: number | null;
}

export interface Vital {
  v: number;
  at: number;
  source: Source;
  quality: string;
}

export interface OffWard {
  destination: string;
  since: number | null;
  until: number | null;
}

export interface Stay {
  id: string;
  name: string;
  birth_year: number | null;
  age: number | null;
  sex: string;
  scale: number;
  care: string;
  off: OffWard | null;
  same_name: boolean;
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
  told: number | null;
  accepted: number | null;
  declined: number | null;
  by_name: string;
}

export interface Alert {
  id: string;
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
  next: string;
  next_at: number | null;
  roles: Duty[];
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
