import { age, num, percent } from "../text/format";
import { code, knows, t } from "../text/locale";
import { measure, vitalName } from "../tile/vitals";
import type { Input, Reason, RespiratoryRow, Trend } from "./contract";

/** A probability as people picture it: "about 1 in 20"; empty where that says less. */
export function oneIn(p: number): string {
  if (p <= 0 || p > 0.55) return "";
  const n = 1 / p;
  const step = n < 20 ? 1 : n < 100 ? 5 : 50;
  return t("risk.one_in", { n: Math.round(n / step) * step });
}

/** What an input is called, alone. */
export function inputName(input: string): string {
  switch (input) {
    case "bp":
      return vitalName("sbp");
    case "oxygen":
      return code("vital", "fio2");
    case "age":
      return t("input.age");
    case "sex":
      return t("input.sex");
  }
  if (knows("vital", input)) return code("vital", input);
  return knows("lab", input) ? code("lab", input) : input.replaceAll("_", " ");
}

/** An input with its value: "Respiratory rate 26 /min". */
export function inputText({ input, value }: Input): string {
  return value === null ? `${inputName(input)}: ${t("part.missing")}` : `${inputName(input)} ${inputValue(input, value)}`;
}

function inputValue(input: string, value: number): string {
  switch (input) {
    case "bp":
      return measure("sbp", value);
    case "oxygen":
      return measure("fio2", value);
    case "sex":
      return code("stay.sex", value === 1 ? "male" : "female");
  }
  return knows("unit", input) ? measure(input, value) : num(value, value % 1 ? 1 : 0);
}

/** A reason as a nurse reads it: "Respiratory rate 26 /min and rising — adds to the risk". */
export function reasonText(r: Reason): string {
  let what = inputText(r);
  if (isGiven(r.input)) return pushed(r, what);
  if (r.level) what += `, ${code("level", r.level)}`;
  if (r.course) what = t("risk.and", { a: what, b: code("course", r.course) });
  return pushed(r, what);
}

function pushed(r: Reason, what: string): string {
  return t(r.push < 0 ? "risk.reason.down" : "risk.reason.up", { what });
}

/** What is no measurement: it has no age, and is neither high nor low. */
export function isGiven(input: string): boolean {
  return input === "age" || input === "sex";
}

/** Why a model says nothing, and about which inputs. */
export function withheldText(why: string, because: string[]): string {
  const reason = knows("withheld", why) ? code("withheld", why) : why.replaceAll("_", " ");
  return because.length > 0 ? `${reason} (${because.map(inputName).join(", ")})` : reason;
}

/** What would help a model to speak; empty where nothing would. */
export function helpText(why: string): string {
  return knows("withheld.help", why) ? code("withheld.help", why) : "";
}

/** A trend in a sentence: "SpO₂ falling 0.8 % an hour, reaching 91 % in about 3 h (2–5)"; empty when nothing may be said. */
export function trendText(trend: Trend): string {
  const vital = vitalName(trend.vital);
  if (trend.means === "") return "";
  if (trend.means === "steady" || trend.slope === null) return t("trend.steady", { vital });
  const slope = `${num(Math.abs(trend.slope), 1)} ${code("unit", trend.vital)}`;
  const going = t(`trend.${trend.means}`, { vital, slope });
  if (trend.limit === null || trend.reach === null) return going;
  return going + t("trend.reach", { limit: measure(trend.vital, trend.limit), time: hours(trend.reach), range: range(trend) });
}

// Half hours are as exact as a straight line can be; near the limit, ten minutes.
const exact = 90 * 60_000;

function hours(ms: number, near = ms < exact): string {
  return near ? t("age.min", { n: inMinutes(ms) }) : t("age.h", { n: inHours(ms) });
}

function inMinutes(ms: number): string {
  return num(Math.max(10, Math.round(ms / 600_000) * 10));
}

function inHours(ms: number): string {
  const h = Math.round(ms / 1_800_000) / 2;
  return num(h, h % 1 ? 1 : 0);
}

function range({ reach, early, late }: Trend): string {
  const near = (reach ?? 0) < exact;
  const of = near ? inMinutes : inHours;
  if (late === null) return t("trend.open", { from: hours(early ?? reach ?? 0, near) });
  return `${of(early ?? 0)}–${of(late)}`;
}

/** A row of the respiratory table in words; a trend's is its sentence. One that is new to us is shown as it came. */
export function rowText(r: RespiratoryRow, trends: Trend[]): string {
  const trend = trends.find((x) => r.code === `trend_${x.vital}`);
  if (trend && trendText(trend)) return trendText(trend);
  if (!knows("resp.row", r.code)) return r.code.replaceAll("_", " ");
  return code("resp.row", r.code, { number: rowNumber(r.code, r.number), limit: rowNumber(r.code, r.limit) });
}

// What a row's numbers are follows from its code.
function rowNumber(row: string, n: number | null): string {
  if (n === null) return "–";
  if (row === "sf_saturated" || row.startsWith("forecast_spo2")) return measure("spo2", Math.round(n));
  if (row.startsWith("forecast_rr")) return measure("rr", Math.round(n));
  const [kind] = row.split("_");
  switch (kind) {
    case "rox":
      return num(n, 2);
    case "oxygen":
      return measure("fio2", n);
    case "device":
      return code("o2", String(n));
    case "trend":
      return hours(n * 3_600_000);
    case "risk":
      return percent(n);
    default:
      return num(n);
  }
}

/** How old a value was, for the list of what was used. */
export function ageText(at: number | null, now: number): string {
  return at === null ? "" : age(now - at, true);
}
