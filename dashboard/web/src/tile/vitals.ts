import type { Charted, Doubt, Limit, Part, PartInput, Source, Tile, Vital } from "../live/contract";
import { num } from "../text/format";
import { code, t } from "../text/locale";

/** One vital as a nurse reads it: what, how old, whether it still counts. */
export interface Line {
  input: string;
  /** Empty when nothing was ever measured. */
  text: string;
  at: number;
  source: Source | null;
  /** Past its limit: shown struck, does not count. */
  stale: boolean;
  /** Not believed; doubt says why where that is known. */
  doubtful: boolean;
  doubt: Doubt | null;
  poor: boolean;
  /** Of the last charted set, whose age stands by itself. */
  ofSet: boolean;
  /** Limits of the person's own stand on it. */
  own: boolean;
  /** Null when it does not count or the chart does not apply. */
  points: number | null;
}

/** The inputs of a person whom no chart scores, and of a bed that has no score yet: those of NEWS2. */
export const usualInputs: readonly PartInput[] = ["rr", "spo2", "o2", "sbp", "hr", "consciousness", "temp"];

const codes: Record<string, string> = { o2: "o2_device", consciousness: "acvpu" };

/** The limit after which a device's value no longer counts, when the server did not say. */
const cautious = 5 * 60_000;
/** Part of a limit after which the age is shown. */
const ageing = 0.4;
/** A charted value lasts longer than a monitor's: its age is never shown before this. */
const chartedAgeing = 60 * 60_000;

/** The name of a part's input on the screen: the children's chart calls oxygen by another. */
export function inputOf(part: Part): string {
  return part.input === "oxygen" ? "o2" : part.input;
}

/** How the tile's input is to be shown at server time at. */
export function line(tile: Tile, input: string, limits: Record<string, number>, at: number): Line {
  const vital = pick(tile, input);
  const part = tile.score?.parts.find((p) => inputOf(p) === input);
  const own = ownLimits(tile, input, at).length > 0;
  if (!vital) return nothing(input, own);
  const charted = tile.score?.charted ?? null;
  const stale = isStale(vital, part, limits[input] ?? cautious, charted, at);
  const doubt = vital.doubt ?? part?.doubt ?? null;
  const counts = part?.state === "present" && !stale && !tile.score?.refused;
  return {
    input,
    text: text(tile, input, vital),
    at: vital.at,
    source: vital.source,
    stale,
    doubtful: doubt !== null || part?.state === "implausible" || vital.quality === "invalid",
    doubt,
    poor: vital.quality === "poor",
    ofSet: vital.source !== "device" && vital.at === charted?.at,
    own,
    points: counts ? part.points : null,
  };
}

/** Whether the line's age is worth a nurse's eye. */
export function showsAge(l: Line, limits: Record<string, number>, at: number): boolean {
  if (!l.text || l.ofSet) return false;
  const limit = (limits[l.input] ?? cautious) * ageing;
  const from = l.source === "device" ? limit : Math.max(limit, chartedAgeing);
  return l.stale || at - l.at >= from;
}

/** The vitals that are read on one line: a limit on any of them marks it. */
const together: Record<string, readonly string[]> = { sbp: ["sbp", "dbp", "map"], hr: ["hr", "pr"], o2: ["fio2"] };

/** The person's own limits in force on an input's line. */
export function ownLimits(tile: Tile, input: string, at: number): Limit[] {
  const vitals = together[input] ?? [input];
  return (tile.stay?.limits ?? []).filter((l) => vitals.includes(l.vital) && (l.until ?? 0) > at);
}

function pick(tile: Tile, input: string): Vital | undefined {
  // What a nurse charted outranks the monitor's word on consciousness: show what was scored.
  const state = tile.score?.parts.find((p) => p.input === "consciousness")?.state;
  if (input === "consciousness" && state === "present") return scoredVital(tile, input);
  // A pulse from the oximeter stands in where there is no ECG, as it does in the score.
  if (input === "hr") return newer(tile.vitals["hr"], tile.vitals["pr"]);
  // Oxygen given is known from the device, or else from its flow or fraction.
  if (input === "o2") return tile.vitals["o2_device"] ?? newer(tile.vitals["o2_flow"], tile.vitals["fio2"]) ?? scoredVital(tile, input);
  return tile.vitals[codes[input] ?? input] ?? scoredVital(tile, input);
}

// What the score still counts after the server has begun anew, when nothing has been sent since.
function scoredVital(tile: Tile, input: string): Vital | undefined {
  const p = tile.score?.parts.find((part) => inputOf(part) === input);
  if (!p || p.state === "missing" || p.value === null || p.at === null) return undefined;
  return { v: p.value, at: p.at, source: p.source, quality: "good", doubt: p.doubt };
}

function newer(a: Vital | undefined, b: Vital | undefined): Vital | undefined {
  if (!a || !b) return a ?? b;
  return b.at - a.at > 60_000 ? b : a;
}

// The client's own clock may only make a device's value older than the server said, never younger. What
// was entered afterwards is no part of the live score: it stands for as long as its set.
function isStale(v: Vital, part: Part | undefined, limit: number, charted: Charted | null, at: number): boolean {
  if (part?.state === "stale") return true;
  if (v.source === "device") return at - v.at > limit;
  return part?.state === "missing" && !(charted?.at === v.at && !expired(charted, at));
}

/** A set counts for the time until the next one, and a quarter more. */
const grace = 0.25;

/** Whether a charted set has lasted longer than it may. */
export function expired({ at: from, due }: Charted, at: number): boolean {
  return from !== null && due !== null && at > due + (due - from) * grace;
}

function nothing(input: string, own: boolean): Line {
  return { input, text: "", at: 0, source: null, stale: false, doubtful: false, doubt: null, poor: false, ofSet: false, own, points: null };
}

function text(tile: Tile, input: string, v: Vital): string {
  switch (input) {
    case "temp":
      return num(v.v, 1);
    case "consciousness":
      return "ACVPU"[v.v] ?? "?";
    case "o2":
      return oxygen(tile, true);
    case "resp_distress":
      return code("distress", String(v.v));
    case "cap_refill":
      return num(v.v, v.v % 1 ? 1 : 0);
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
  const scored = scoredVital(tile, "o2"); // on oxygen or not, and no more
  const device = tile.vitals["o2_device"] ?? (scored?.v === 0 ? scored : undefined);
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
  if (l.input === "o2" || l.input === "resp_distress") return l.text;
  return `${l.text} ${code("unit", l.input)}`;
}

/** Why a doubtful value is not believed, in words. */
export function doubtText(l: Line): string {
  return l.doubt ? code("doubt", l.doubt) : t("part.implausible");
}

/** A vital alone: where the pressures stand side by side, each has its name. */
export function vitalName(v: string): string {
  return v === "sbp" ? t("vital.systolic") : code("vital", v);
}

/** A number of a vital with its unit, as flags and limits carry it. */
export function measure(vital: string, n: number): string {
  if (vital === "acvpu") return "ACVPU"[n] ?? "?";
  if (vital === "fio2") return `${num(n * 100)} %`;
  return `${num(n, n % 1 ? 1 : 0)} ${code("unit", vital)}`;
}
