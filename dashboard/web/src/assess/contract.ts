import type { Band, Task } from "../live/contract";

/** What models, trends and the respiratory view say of one person. Null means "not known", never "normal". */
export interface Assessment {
  stay: string;
  at: number;
  fresh_until: number;
  shown_until: number;
  risks: Risk[];
  trends: Trend[];
  forecasts: Forecast[];
  respiratory: Respiratory | null;
}

export interface Risk {
  task: Task;
  model: string;
  version: string;
  /** A calibrated probability; null when withheld. */
  value: number | null;
  threshold: number;
  raised: boolean;
  withheld: string;
  /** The inputs that withheld speaks of. */
  because: string[];
  /** The strongest first. */
  reasons: Reason[];
  inputs: Input[];
}

export interface Input {
  input: string;
  value: number | null;
  at: number | null;
}

/** What one input adds to a risk, in log-odds. */
export interface Reason extends Input {
  push: number;
  level: "" | "low" | "high";
  course: "" | "rising" | "falling";
}

/** Where one vital is going; times to its limit are counted from at. */
export interface Trend {
  vital: string;
  at: number | null;
  means: "" | "steady" | "rising" | "falling";
  /** An hour. */
  slope: number | null;
  limit: number | null;
  /** Null: nothing is said. */
  reach: number | null;
  early: number | null;
  /** Null: it may not get there at all. */
  late: number | null;
}

export interface Forecast {
  vital: string;
  withheld: string;
  because: string[];
  hours: ForecastHour[];
}

/** Four of five lie between low and high. */
export interface ForecastHour {
  ahead: number;
  mid: number;
  low: number;
  high: number;
}

export interface Respiratory {
  table: string;
  band: Band;
  withheld: string;
  rox: number | null;
  sf: number | null;
  /** The inspired fraction is estimated from the flow; then the low ones are at the most oxygen it may give. */
  estimated: boolean;
  rox_low: number | null;
  sf_low: number | null;
  device: string;
  /** The worst first. */
  rows: RespiratoryRow[];
}

export interface RespiratoryRow {
  code: string;
  band: Band;
  number: number | null;
  limit: number | null;
  at: number | null;
  finding: string;
  /** Nobody has confirmed the imaging finding that it rests on. */
  unread: boolean;
  /** How much that finding's age lets it count. */
  age: "" | "fresh" | "fading" | "context";
  source: string;
}
