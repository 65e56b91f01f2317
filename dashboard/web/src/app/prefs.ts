import { effect, signal, type Signal } from "@preact/signals";
import type { NamesMode } from "../live/contract";
import { lang, type Lang } from "../text/locale";

// What this screen remembers. It belongs to the screen, not to the person: a wall stays as it was.

function remembered<T extends string>(key: string, allowed: readonly T[], fallback: T): Signal<T> {
  let start = fallback;
  try {
    const kept = localStorage.getItem("wardwatch." + key) as T | null;
    if (kept && allowed.includes(kept)) start = kept;
  } catch {
    // Storage may be forbidden on a kiosk; the fallback serves.
  }
  const s = signal<T>(start);
  effect(() => {
    try {
      localStorage.setItem("wardwatch." + key, s.value);
    } catch {
      // As above.
    }
  });
  return s;
}

export type Theme = "auto" | "light" | "dark";
export type Sort = "bed" | "risk";

export const theme = remembered<Theme>("theme", ["auto", "light", "dark"], "auto");
export const names = remembered<NamesMode>("names", ["given", "initials", "none"], "given");
export const sort = remembered<Sort>("sort", ["bed", "risk"], matchMedia("(max-width: 700px)").matches ? "risk" : "bed");
export const soundOn = remembered<"on" | "off">("sound", ["on", "off"], "on");
export const volume = remembered<"1" | "2" | "3">("volume", ["1", "2", "3"], "2");

const keptLang = remembered<Lang | "">("lang", ["vi", "en", ""], "");
if (keptLang.peek()) lang.value = keptLang.peek() as Lang;

/** Whether this screen has its own choice of language, which then goes before the person's. */
export function hasLang(): boolean {
  return keptLang.peek() !== "";
}

export function chooseLang(l: Lang): void {
  keptLang.value = l;
  lang.value = l;
}

effect(() => {
  document.documentElement.lang = lang.value;
});

effect(() => {
  document.documentElement.dataset["theme"] = theme.value;
});
