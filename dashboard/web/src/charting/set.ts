import { inputOf, line, usualInputs } from "../tile/vitals";
import type { Tile } from "../live/contract";
import { num, parseNumber } from "../text/format";

// A set of observations as it is being written down, and what it still lacks.

export const levels = ["A", "C", "V", "P", "U"] as const;
export const devices = ["room_air", "nasal_cannula", "simple_mask", "venturi", "non_rebreather", "hfnc", "cpap", "niv", "ventilator"] as const;
export const distresses = ["none", "mild", "moderate", "severe"] as const;

export type Level = (typeof levels)[number];
export type Device = (typeof devices)[number];
export type Distress = (typeof distresses)[number];

/** Range in which a typed number is taken at all, in the unit it is typed in. */
export const ranges = {
  rr: { low: 0, high: 100 },
  spo2: { low: 0, high: 100 },
  sbp: { low: 0, high: 350 },
  dbp: { low: 0, high: 300 },
  hr: { low: 0, high: 350 },
  temp: { low: 20, high: 45 },
  o2_flow: { low: 0, high: 80 },
  fio2: { low: 21, high: 100 },
  cap_refill: { low: 0, high: 20 },
} as const;

export type NumberName = keyof typeof ranges;

/** What has been chosen and typed so far. Nothing is chosen beforehand. */
export interface Draft {
  consciousness: Level | "";
  device: Device | "";
  distress: Distress | "";
  typed: Record<NumberName, string>;
  /** Numbers that stand as the monitor gave them: true now, and at no other time. */
  taken: readonly NumberName[];
}

export const empty: Draft = {
  consciousness: "",
  device: "",
  distress: "",
  typed: { rr: "", spo2: "", sbp: "", dbp: "", hr: "", temp: "", o2_flow: "", fio2: "", cap_refill: "" },
  taken: [],
};

/** The draft with what a person typed. */
export function write(d: Draft, name: NumberName, text: string): Draft {
  return { ...d, typed: { ...d.typed, [name]: text }, taken: d.taken.filter((k) => k !== name) };
}

/** The draft with what the monitor shows now, where nothing is typed yet. */
export function take(d: Draft, shown: Partial<Record<NumberName, string>>): Draft {
  const names = (Object.keys(shown) as NumberName[]).filter((k) => d.typed[k].trim() === "" || d.taken.includes(k));
  const typed = names.reduce((all, k) => ({ ...all, [k]: shown[k] ?? "" }), d.typed);
  return { ...d, typed, taken: [...new Set([...d.taken, ...names])] };
}

/** The draft without the monitor's numbers, for a set of another time. */
export function untake(d: Draft): Draft {
  return d.taken.reduce((rest, k) => write(rest, k, ""), d);
}

/** Whether oxygen is given, so that it is asked how much. */
export function onOxygen(d: Draft): boolean {
  return d.device !== "" && d.device !== "room_air";
}

/** Whether a typed text is no number that can be. */
export function wrong(name: NumberName, text: string): boolean {
  if (!text.trim()) return false;
  const v = parseNumber(text);
  return !(v >= ranges[name].low && v <= ranges[name].high);
}

/** The fields that must be mended before the set can be saved, in their order on the form. */
export function faults(d: Draft): NumberName[] {
  return given(d).filter((k) => wrong(k, d.typed[k]));
}

/** The values as the server takes them. */
export function collect(d: Draft): Record<string, string | number> {
  const values: Record<string, string | number> = {};
  if (d.consciousness) values["consciousness"] = d.consciousness;
  if (d.device) values["o2_device"] = d.device;
  if (d.distress) values["resp_distress"] = d.distress;
  for (const k of given(d)) {
    const v = parseNumber(d.typed[k]);
    values[k] = k === "fio2" ? v / 100 : v;
  }
  return values;
}

// What is typed of a flow or a fraction says nothing once the person is off oxygen.
function given(d: Draft): NumberName[] {
  const names = Object.keys(ranges) as NumberName[];
  return names.filter((k) => d.typed[k].trim() !== "" && (onOxygen(d) || (k !== "o2_flow" && k !== "fio2")));
}

/** The inputs of the person's chart, as far as a form can ask for them; none when no chart applies. */
export function needsOf(tile: Tile): string[] {
  if (tile.score?.refused) return [];
  const inputs = tile.score?.parts.map(inputOf) ?? [...usualInputs];
  return inputs.filter((i) => i in holders);
}

// Which of the server's values give an input.
const holders: Record<string, readonly string[]> = {
  rr: ["rr"],
  spo2: ["spo2"],
  o2: ["o2_device"],
  sbp: ["sbp"],
  hr: ["hr"],
  consciousness: ["consciousness"],
  temp: ["temp"],
  resp_distress: ["resp_distress"],
  cap_refill: ["cap_refill"],
};

/** The needed inputs that the values do not give. */
export function missing(needs: string[], values: Record<string, unknown>): string[] {
  return needs.filter((i) => !holders[i]!.some((v) => v in values));
}

/** How old a monitor's value may be to be confirmed as what is true now. */
const fresh = 2 * 60_000;

/**
 * What the monitor shows now and is believed, for a person to confirm. Breaths are counted by a person,
 * consciousness and oxygen are looked at: these are never filled in.
 */
export function fromMonitor(tile: Tile, limits: Record<string, number>, at: number): Partial<Record<NumberName, string>> {
  const out: Partial<Record<NumberName, string>> = {};
  for (const input of ["spo2", "hr", "sbp"] as const) {
    const l = line(tile, input, limits, at);
    if (!l.text || l.source !== "device" || l.stale || l.doubtful || l.poor || at - l.at > fresh) continue;
    const [first = "", second] = l.text.split("/");
    out[input] = first;
    if (second) out.dbp = second;
  }
  return out;
}

/** A range as it is said: "20–45". */
export function rangeText(name: NumberName): string {
  return `${num(ranges[name].low)}–${num(ranges[name].high)}`;
}
