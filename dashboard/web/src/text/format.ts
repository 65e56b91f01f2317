import { signal } from "@preact/signals";
import { lang, t } from "./locale";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export const zone = signal("Asia/Ho_Chi_Minh");

const cache = new Map<string, Intl.DateTimeFormat>();

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = lang.value + zone.value + JSON.stringify(options);
  let f = cache.get(key);
  if (!f) {
    const locale = lang.value === "vi" ? "vi-VN" : "en-GB";
    f = new Intl.DateTimeFormat(locale, { timeZone: zone.value, hourCycle: "h23", ...options });
    cache.set(key, f);
  }
  return f;
}

/** 08:15 in the hospital's zone; "–" when the time is not known. */
export function clock(at: number | null): string {
  if (!at) return "–";
  return formatter({ hour: "2-digit", minute: "2-digit" }).format(at);
}

/** A time of day, with its date where that is not plain. */
export function moment(at: number, now: number): string {
  return Math.abs(at - now) < 12 * hour ? clock(at) : `${clock(at)} ${date(at)}`;
}

/** 08:15:02 in the hospital's zone. */
export function clockSeconds(at: number): string {
  return formatter({ hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(at);
}

/** Weekday and date in the hospital's zone. */
export function date(at: number): string {
  return formatter({ weekday: "short", day: "2-digit", month: "2-digit" }).format(at);
}

/** A number with the language's decimal mark and a fixed number of decimals. */
export function num(v: number, decimals = 0): string {
  const s = v.toFixed(decimals);
  return lang.value === "vi" ? s.replace(".", ",") : s;
}

/** A probability in percent, no more exact than it is: "<1 %", "3,4 %", "12 %". */
export function percent(p: number): string {
  if (p < 0.01) return "<1 %";
  return `${num(p * 100, p < 0.0995 ? 1 : 0)} %`;
}

/** An age in its largest whole unit: "4 ph", "3 giờ". Under a minute: seconds when asked for. */
export function age(ms: number, seconds = false): string {
  if (ms < minute) return seconds ? t("age.s", { n: Math.max(0, Math.floor(ms / 1000)) }) : t("age.now");
  if (ms < 100 * minute) return t("age.min", { n: Math.floor(ms / minute) });
  if (ms < 2 * day) return t("age.h", { n: Math.floor(ms / hour) });
  return t("age.d", { n: Math.floor(ms / day) });
}

/** A countdown or stopwatch: 2:41, 1:02:41. */
export function span(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const h = Math.floor(s / 3600);
  const rest = `${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  return h > 0 ? `${h}:${rest}` : rest.replace(/^0/, "");
}

/** Reads a number typed with either decimal mark; NaN when it is none. */
export function parseNumber(text: string): number {
  const s = text.trim().replace(",", ".");
  return /^\d+(\.\d+)?$/.test(s) ? Number(s) : NaN;
}

/** A bed's label without the word for bed, where the place already says that it is one. */
export function bedName(label: string): string {
  return label.replace(/^(giường|bed)\s+/i, "");
}
