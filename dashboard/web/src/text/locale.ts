import { signal } from "@preact/signals";
import vi from "../../../locale/vi.json";
import en from "../../../locale/en.json";

export type Key = keyof typeof vi;
export type Lang = "vi" | "en";

// Each language is held to the other's keys: a missing one is a type error.
const catalogues: Record<Lang, Record<Key, string>> = { vi, en };
const _viHasAllOfEn: Record<keyof typeof en, string> = vi;
void _viHasAllOfEn;

export const lang = signal<Lang>("vi");

/** The text of key in the present language, with {name} filled from values. */
export function t(key: Key, values?: Record<string, string | number>): string {
  return fill(catalogues[lang.value][key], values);
}

/** The same text in a named language, for lines shown in both. */
export function tIn(l: Lang, key: Key): string {
  return catalogues[l][key];
}

/** The text of a code the server sent: prefix.code, or the code itself when it is new to us. */
export function code(prefix: string, c: string, values?: Record<string, string | number>): string {
  const text = (catalogues[lang.value] as Record<string, string>)[`${prefix}.${c}`];
  return text === undefined ? c : fill(text, values);
}

/** Whether the catalogue has a text for the code. */
export function knows(prefix: string, c: string): boolean {
  return `${prefix}.${c}` in catalogues.vi;
}

function fill(text: string, values?: Record<string, string | number>): string {
  return values ? text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? "")) : text;
}
