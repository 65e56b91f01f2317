import { age, moment, num, percent } from "../text/format";
import { code, knows, t } from "../text/locale";
import type { Finding } from "./contract";

// What codes of SNOMED CT and RadLex are called here; a sender's own words are looked up as they are.
const names: Record<string, string> = {
  "233604007": "pneumonia",
  RID5350: "pneumonia",
  "36118008": "pneumothorax",
  RID5352: "pneumothorax",
  "60046008": "effusion",
  RID34539: "effusion",
  pleural_effusion: "effusion",
  "95436008": "consolidation",
  RID43255: "consolidation",
  lung_consolidation: "consolidation",
  "19242006": "oedema",
  RID4866: "oedema",
  edema: "oedema",
  pulmonary_edema: "oedema",
  pulmonary_oedema: "oedema",
  "409609008": "infiltrate",
  infiltration: "infiltrate",
  RID28530: "opacity",
  lung_opacity: "opacity",
  "233703007": "interstitial",
  RID28799: "interstitial",
  "87433001": "emphysema",
  RID4799: "emphysema",
  "51615001": "fibrosis",
  pulmonary_fibrosis: "fibrosis",
  "46621007": "atelectasis",
  "8186001": "cardiomegaly",
};

/** What a finding is called, with its side: "Pneumothorax, right". */
export function findingName(f: Finding): string {
  const name = nameOf(f);
  return f.laterality ? `${name}, ${code("imaging.side", f.laterality)}` : name;
}

function nameOf(f: Finding): string {
  const label = f.label.toLowerCase().trim().replace(/[\s-]+/g, "_");
  for (const key of [names[f.code], names[label], label, f.kind]) {
    if (key && knows("imaging.name", key)) return code("imaging.name", key);
  }
  return f.label || f.code;
}

/** Who says so, and whether a person has agreed. */
export function standing(f: Finding, now: number): string {
  if (f.confirmed) return t(f.confirmed === "confirmed" ? "imaging.confirmed_by" : "imaging.rejected_by", { name: f.confirmed_by, time: when(f.confirmed_at, now) });
  if (f.by_person) return t("imaging.by_radiologist");
  return t(f.unread ? "imaging.unread" : "imaging.agreed");
}

/** How sure the model is, in words that make no probability of what is none. */
export function scoreText(f: Finding): string {
  if (f.by_person || f.score === null) return "";
  const threshold = f.threshold;
  if (f.calibrated) return t("imaging.probability", { p: percent(f.score) }) + (threshold === null ? "" : ` · ${t("risk.threshold", { threshold: percent(threshold) })}`);
  return t("imaging.score", { score: num(f.score, 2), threshold: threshold === null ? "–" : num(threshold, 2) });
}

/** What was taken and how: "Chest X-ray (DX, AP)". */
export function takenText(f: Pick<Finding, "modality" | "region"> & { view?: string }): string {
  const what = knows("imaging.modality", f.modality) ? code("imaging.modality", f.modality) : f.modality || t("imaging.picture");
  const region = f.region && knows("imaging.region", f.region) ? code("imaging.region", f.region) : f.region;
  return [region ? t("imaging.of", { what, region }) : what, f.view].filter(Boolean).join(", ");
}

/** How old the picture is: "taken 3 h ago (09:15)". */
export function agedText(f: Finding, now: number): string {
  if (f.acquired === null) return t("imaging.no_time");
  return t("imaging.taken", { age: age(now - f.acquired), time: when(f.acquired, now) });
}

/** A time of day, with its date where that is not plain; "–" when it is not known. */
export function when(at: number | null, now: number): string {
  return at === null ? "–" : moment(at, now);
}

/** What to know before believing the model. */
export function warningText(w: string): string {
  return knows("imaging.warning", w) ? code("imaging.warning", w) : w.replaceAll("_", " ");
}
