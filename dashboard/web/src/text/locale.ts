import { signal } from "@preact/signals";
import type en from "../../../locale/en.json";
import type vi from "../../../locale/vi.json";
import first from "virtual:texts/first";

export type Key = keyof typeof vi;
export type Lang = "vi" | "en";

// Each language is held to the other's keys: a missing one is a type error.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
const _sameKeys: Same<keyof typeof vi, keyof typeof en> = true;
void _sameKeys;

// What the board needs at once; the rest comes with the parts that say it.
const catalogues: Record<Lang, Record<string, string>> = { vi: { ...first.vi }, en: { ...first.en } };

export const lang = signal<Lang>("vi");

/** Adds texts that came after the first ones. */
export function addTexts(more: Record<Lang, Record<string, string>>): void {
  Object.assign(catalogues.vi, more.vi);
  Object.assign(catalogues.en, more.en);
}

/** The text of key in the present language, with {name} filled from values. */
export function t(key: Key, values?: Record<string, string | number>): string {
  return fill(catalogues[lang.value][key] ?? key, values);
}

/** The same text in a named language, for lines shown in both. */
export function tIn(l: Lang, key: Key): string {
  return catalogues[l][key] ?? key;
}

/** The text of a code the server sent: prefix.code, or the code itself when it is new to us. */
export function code(prefix: string, c: string, values?: Record<string, string | number>): string {
  const text = catalogues[lang.value][`${prefix}.${c}`];
  return text === undefined ? c : fill(text, values);
}

/** Whether the catalogue has a text for the code. */
export function knows(prefix: string, c: string): boolean {
  return `${prefix}.${c}` in catalogues.vi;
}

function fill(text: string, values?: Record<string, string | number>): string {
  return values ? text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? "")) : text;
}
