import type { Flag } from "../live/contract";
import { percent } from "../text/format";
import { code, knows, t } from "../text/locale";
import { measure, vitalName } from "./vitals";

// A flag's code is a kind; a limit's goes on with the vital and the side: "limit:spo2:low". A model's
// goes on with its task.
function split(c: string): { kind: string; vital: string; side: string } {
  const [kind = "", vital = "", side = ""] = c.split(":");
  return { kind, vital, side };
}

/** Of the technical causes those that go on with what they are about; empty for every other. */
function aboutText(kind: string, what: string): string {
  if (kind === "many") return t("cause.many", { what: code("cause", what) });
  if (kind === "nobody_on_duty") return `${t("cause.nobody_on_duty")}: ${code("role", what)}`;
  return "";
}

/** A flag in words: "SpO₂ below limit". */
export function flagText(c: string): string {
  const { kind, vital, side } = split(c);
  const about = aboutText(kind, vital);
  if (about) return about;
  if (knows("cause", `${kind}.${vital}`)) return code("cause", `${kind}.${vital}`); // a level is not above or below
  if (side && knows("cause", `${kind}.${side}`)) return code("cause", `${kind}.${side}`, { vital: vitalName(vital) });
  return code("cause", knows("cause", c) ? c : kind);
}

/** The same where there is room for a few words. */
export function flagBrief(c: string): string {
  const { kind, vital, side } = split(c);
  const about = aboutText(kind, vital);
  if (about) return about;
  if (knows("cause", `${kind}.${vital}`)) return code("cause", `${kind}.${vital}`);
  const key = side ? `${kind}.${side}` : kind;
  return code(knows("cause.short", key) ? "cause.short" : "cause", key, { vital: shortName(vital) });
}

/** The same for a chip: "SpO₂↓". */
export function flagSign(c: string): string {
  const { kind, vital, side } = split(c);
  if (kind === "risk") return code("task.short", vital);
  if (!side) return code("flag.short", kind);
  if (knows("cause", `${kind}.${vital}`)) return code("cause", `${kind}.${vital}`);
  return shortName(vital) + (side === "low" ? "↓" : "↑");
}

function shortName(vital: string): string {
  return knows("vital.short", vital) ? code("vital.short", vital) : code("vital", vital);
}

/** A flag that only asks for a look at an order, or tells what is unusual: it stays quiet. */
export function isQuiet(f: Flag): boolean {
  return f.band === "low" || f.band === "low_medium" || f.band === "unknown";
}

/** What was measured, and what it is held against; empty where a flag has no number. */
export function flagNumbers(f: Flag): string {
  const { kind, vital, side } = split(f.code);
  if (f.number === null || f.limit === null) return "";
  if (side) return `${measure(vital, f.number)} · ${t("flag.limit", { limit: measure(vital, f.limit) })}`;
  switch (kind) {
    case "oxygen_device":
      return `${device(f.number)} · ${t("flag.before", { before: device(f.limit) })}`;
    case "oxygen_rise":
      return `${fraction(f.number)} · ${t("flag.before", { before: measure("fio2", f.limit) })}`;
    case "oxygen_high":
      return `${fraction(f.number)} · ${t("flag.limit", { limit: measure("fio2", f.limit) })}`;
    case "risk":
      return `${percent(f.number)} · ${t("risk.threshold", { threshold: percent(f.limit) })}`;
    default:
      return "";
  }
}

function device(n: number): string {
  return code("o2", String(n));
}

function fraction(n: number): string {
  return `${code("vital", "fio2")} ${measure("fio2", n)}`;
}
