import type { Identity } from "./contract";

/** The marks of a person that results and a stay can be compared by. */
export const marks = ["hospital_id", "name", "birth_date", "sex"] as const;
export type Mark = (typeof marks)[number];

/** Where a claim and a stay both say something, and not the same. The server judges for itself. */
export function differing(claim: Identity, stay: Identity): Mark[] {
  return marks.filter((m) => claim[m] && stay[m] && plain(m, claim[m]) !== plain(m, stay[m]));
}

// A name is the same in any order of its words, in any case, and without its diacritics.
function plain(mark: Mark, text: string): string {
  if (mark !== "name") return text.trim();
  const bare = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase().replaceAll("đ", "d");
  return bare.split(/[\s^,.]+/).filter(Boolean).sort().join(" ");
}
