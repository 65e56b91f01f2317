// What alerts cost and yield in a span of time. Times are Unix milliseconds, durations seconds; a rate
// stands with what it was made from, and one that cannot be made is null.

export interface Evidence {
  from: number;
  to: number;
  alerts: number;
  brief: number;
  patient_days: number;
  goals: Goal[];
  responses: { all: Response; by_ward: Response[]; by_hour: Response[]; by_role: Response[]; by_band: Response[]; by_kind: Response[] };
  breaches: Breach[];
  burden: Burden;
  yield: Yield;
  unanswered: Share;
  holding: Share[];
  channels: ChannelFigures[];
}

export interface Goal {
  name: string;
  limit: number;
  rate: Rate;
  met: boolean | null;
  /** Not measurable live; from the backtest named, where there is one. */
  sensitivity: number | null;
  sensitivity_of: string;
}

export interface Rate {
  n: number;
  of: number;
  value: number | null;
}

/** A part of a whole with its 95 % interval (Wilson). */
export interface Share {
  name?: string;
  n: number;
  of: number;
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface Stage {
  n: number;
  median: number | null;
  p90: number | null;
  p95: number | null;
  max: number | null;
  within?: Share | null;
}

export const steps = ["trigger_told", "told_delivered", "told_seen", "told_accepted", "accepted_bedside", "told_bedside"] as const;

export type Response = { name?: string; rounds: number } & Record<(typeof steps)[number], Stage>;

export interface Breach {
  alert: string;
  ward: string;
  bed: string;
  band: string;
  what: string;
  roles: string[] | null;
  told: number;
  due: number;
  met: number;
  late: number;
}

export interface Burden {
  kinds: ({ name: string } & Rate)[];
  beds: { ward: string; bed: string; clinical: number; device_alarm: number; technical: number; rate: Rate }[];
  interruptions: ({ name: string } & Rate)[];
}

export interface Yield {
  ppv: Share;
  by_band: Share[];
  by_cause: Share[];
  reasons: { code: string; says: string; n: number }[];
  uncoded: number;
  unknown: number;
  by_itself: number;
  open: number;
}

export interface ChannelFigures {
  name: string;
  made: number;
  delivered: number;
  failed: number;
  undelivered: Share;
}

/** One way in which people are told, and how it fares. */
export interface Channel {
  name: string;
  kind: string;
  personal: boolean;
  audible: boolean;
  internet: boolean;
  last_ok: number | null;
  last_error: string;
  state: string;
}
