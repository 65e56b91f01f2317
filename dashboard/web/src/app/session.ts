import { signal } from "@preact/signals";
import type { Session } from "../live/contract";

/** Who is signed in; null when nobody is, undefined while that is not yet known. */
export const session = signal<Session | null | undefined>(undefined);

/** Whether the person may act on alerts and stays; a display only shows. */
export function mayAct(): boolean {
  const s = session.value;
  return !!s && s.person.access !== "display";
}

/** Orders of limits and of the SpO2 scale are a doctor's. */
export function mayOrder(): boolean {
  return session.value?.person.access === "doctor";
}

/** Whether the person's work needs a patient's record. */
export function isClinical(): boolean {
  return ["nurse", "nurse_in_charge", "doctor"].includes(session.value?.person.access ?? "");
}

/** Whether the person says whose a picture is. */
export function mayMatch(): boolean {
  return ["nurse_in_charge", "doctor"].includes(session.value?.person.access ?? "");
}
