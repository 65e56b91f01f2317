/** What imaging says of one person. Null means "not known", never "normal". */
export interface Findings {
  stay: string;
  findings: Finding[];
}

/** One thing that an imaging AI or a radiologist says of one picture. */
export interface Finding {
  id: string;
  /** What the respiratory table takes its code for; empty: nothing that concerns breathing. */
  kind: string;
  code: string;
  label: string;
  laterality: "" | "left" | "right" | "bilateral";
  /** 0–1; a probability only when calibrated. */
  score: number | null;
  threshold: number | null;
  /** It says that something is there. */
  there: boolean;
  calibrated: boolean;
  model: string;
  version: string;
  /** A radiologist says so, not a model. */
  by_person: boolean;
  demonstration: boolean;
  warnings: string[];
  study: string;
  /** The same for findings of the same picture. */
  image: string;
  accession: string;
  modality: string;
  region: string;
  view: string;
  acquired: number | null;
  produced: number | null;
  received: number | null;
  age: "fresh" | "fading" | "context";
  /** Why it counts for nothing; empty: it counts. */
  withdrawn: string;
  /** No person has said that it is so. */
  unread: boolean;
  confirmed: "" | "confirmed" | "rejected";
  confirmed_by: string;
  confirmed_at: number | null;
  picture: boolean;
  map: boolean;
}

export type Word = Finding["confirmed"];

/** What waits for a person to say whose it is. */
export interface Worklist {
  total: number;
  items: Item[];
}

/** One study's results, with whose they are said to be. */
export interface Item extends Identity {
  id: string;
  why: string;
  study: string;
  accession: string;
  modality: string;
  region: string;
  acquired: number | null;
  received: number | null;
  findings: number;
  /** The nearest first. */
  guesses: Guess[];
}

export interface Identity {
  hospital_id: string;
  name: string;
  /** YYYY-MM-DD; empty when unknown. */
  birth_date: string;
  sex: string;
}

/** A stay that comes near. */
export interface Guess extends Identity {
  stay: string;
  ward: string;
  bed: string;
  admitted: number | null;
  ended: number | null;
}
