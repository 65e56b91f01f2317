import type { Part, PartInput, Source, Tile, Vital } from "../live/contract";
import { num } from "../text/format";
import { code, t } from "../text/locale";

/** One vital as a nurse reads it: what, how old, whether it still counts. */
export interface Line {
  input: PartInput;
  /** Empty when nothing was ever measured. */
  text: string;
  at: number;
  source: Source | null;
  /** Past its limit: shown struck, does not count. */
  stale: boolean;
  /** Too low or too high to believe. */
  doubtful: boolean;
  poor: boolean;
  /** Null when it does not count or the chart does not apply. */
  points: number | null;
}

const codes: Record<PartInput, string> = {
  rr: "rr",
  spo2: "spo2",
  o2: "o2_device",
  sbp: "sbp",
  hr: "hr",
  consciousness: "acvpu",
  temp: "temp",
};

/** The limit after which a device's value no longer counts, when the server did not say. */
const cautious = 5 * 60_000;
/** Part of a limit after which the age is shown. */
const ageing = 0.4;
/** A charted value lasts longer than a monitor's: its age is never shown before this. */
const chartedAgeing = 60 * 60_000;

/** How the tile's input is to be shown at server time at. */
export function line(tile: Tile, input: PartInput, limits: Record<string, number>, at: number): Line {
  const vital = pick(tile, input);
  const part = tile.score?.parts.find((p) => p.input === input);
  if (!vital) return nothing(input);
  const stale = isStale(vital, part, limits[input] ?? cautious, at);
  const doubtful = part?.state === "implausible" || vital.quality === "invalid";
  const counts = part?.state === "present" && !stale && !tile.score?.refused;
  return {
    input,
    text: text(tile, input, vital),
    at: vital.at,
    source: vital.source,
    stale,
    doubtful,
    poor: vital.quality === "poor",
    points: counts ? part.points : null,
  };
}

/** Whether the line's age is worth a nurse's eye. */
export function showsAge(l: Line, limits: Record<string, number>, at: number): boolean {
  if (!l.text) return false;
  const limit = (limits[l.input] ?? cautious) * ageing;
  const from = l.source === "device" ? limit : Math.max(limit, chartedAgeing);
  return l.stale || at - l.at >= from;
}

function pick(tile: Tile, input: PartInput): Vital | undefined {
  // What a nurse charted outranks the monitor's word on consciousness: show what was scored.
  const scored = tile.score?.parts.find((p) => p.input === "consciousness");
  if (input === "consciousness" && scored?.state === "present" && scored.value !== null && scored.at !== null && scored.source !== null) {
    return { v: scored.value, at: scored.at, source: scored.source, quality: "good" };
  }
  // A pulse from the oximeter stands in where there is no ECG, as it does in the score.
  if (input === "hr") return newer(tile.vitals["hr"], tile.vitals["pr"]);
  // Oxygen given is known from the device, or else from its flow or fraction.
  if (input === "o2") return tile.vitals["o2_device"] ?? newer(tile.vitals["o2_flow"], tile.vitals["fio2"]);
  return tile.vitals[codes[input]];
}

function newer(a: Vital | undefined, b: Vital | undefined): Vital | undefined {
  if (!a || !b) return a ?? b;
  return b.at - a.at > 60_000 ? b : a;
}

// The client's own clock may only make a device's value older than the server said, never younger.
function isStale(v: Vital, part: Part | undefined, limit: number, at: number): boolean {
  if (part?.state === "stale") return true;
  return v.source === "device" && at - v.at > limit;
}

function nothing(input: PartInput): Line {
  return { input, text: "", at: 0, source: null, stale: false, doubtful: false, poor: false, points: null };
}

function text(tile: Tile, input: PartInput, v: Vital): string {
  switch (input) {
    case "temp":
      return num(v.v, 1);
    case "consciousness":
      return "ACVPU"[v.v] ?? "?";
    case "o2":
      return oxygen(tile, true);
    case "sbp": {
      const dbp = tile.vitals["dbp"];
      const paired = dbp && Math.abs(dbp.at - v.at) < 60_000;
      return paired ? `${num(v.v)}/${num(dbp.v)}` : num(v.v);
    }
    default:
      return num(v.v);
  }
}

/** "gọng kính 2 L/ph", "HFNC 60 %": the oxygen device with how much it gives. */
export function oxygen(tile: Tile, short: boolean): string {
  const device = tile.vitals["o2_device"];
  const flow = tile.vitals["o2_flow"];
  const fio2 = tile.vitals["fio2"];
  const name = device ? code(short ? "o2.short" : "o2", String(device.v)) : t("vital.short.o2");
  if (device?.v === 0) return name;
  if (flow && flow.v > 0) return `${name} ${num(flow.v, flow.v % 1 ? 1 : 0)} ${short ? "L" : t("unit.o2_flow")}`;
  if (fio2 && fio2.v > 0.21) return `${name} ${num(fio2.v * 100)} %`;
  return name;
}

/** The value with its unit, for a reader who cannot see the column's head. */
export function spoken(l: Line): string {
  if (!l.text) return t("vital.missing");
  if (l.input === "consciousness") return `${l.text}, ${code("acvpu", String("ACVPU".indexOf(l.text)))}`;
  if (l.input === "o2") return l.text;
  return `${l.text} ${code("unit", l.input)}`;
}
