import { signal } from "@preact/signals";
import { call } from "../app/api";
import type { Contact, Me } from "./contract";

export type PushState = "unknown" | "unsupported" | "insecure" | "no_key" | "ask" | "denied" | "subscribed" | "dead";

/** Whether this phone is told of alerts. */
export const push = signal<PushState>("unknown");

const idKey = "wardwatch.contact";

/** Starts the service worker; without one the page works, and nothing is pushed. */
export function startWorker(): void {
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
}

/** Tells the service worker in which language to speak. It has no other way to know. */
export function tellLanguage(lang: string): void {
  if ("caches" in window) void caches.open("wardwatch-lang").then((c) => c.put("/.lang", new Response(lang))).catch(() => {});
}

/** The id under which the server knows this phone; empty when it does not. */
export function contactID(contacts: Contact[]): string {
  const id = localStorage.getItem(idKey) ?? "";
  return contacts.some((c) => c.id === id && c.channel === "webpush") ? id : "";
}

/** Finds out how things stand. */
export async function look(me: Me): Promise<void> {
  push.value = await standing(me);
}

async function standing(me: Me): Promise<PushState> {
  if (!isSecureContext) return "insecure";
  if (!("serviceWorker" in navigator) || !("PushManager" in window) || !("Notification" in window)) return "unsupported";
  if (!me.push_key) return "no_key";
  if (Notification.permission === "denied") return "denied";
  const subscription = await (await navigator.serviceWorker.ready).pushManager.getSubscription();
  const known = contactID(me.contacts) !== "";
  if (subscription && known && sameKey(subscription, me.push_key)) return "subscribed";
  return subscription || known || localStorage.getItem(idKey) ? "dead" : "ask";
}

/** Asks for permission and subscribes anew; throws when the person or the browser refuses. */
export async function subscribe(me: Me, label: string): Promise<void> {
  if ((await Notification.requestPermission()) !== "granted") {
    push.value = Notification.permission === "denied" ? "denied" : "ask";
    return;
  }
  const manager = (await navigator.serviceWorker.ready).pushManager;
  await (await manager.getSubscription())?.unsubscribe(); // an old one may hold an old key, or be another's
  const subscription = await manager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(me.push_key) });
  const keys = subscription.toJSON().keys ?? {};
  const old = contactID(me.contacts);
  const contact = await call<Contact>("POST", "/me/contacts", {
    channel: "webpush",
    endpoint: subscription.endpoint,
    p256dh: keys["p256dh"],
    auth: keys["auth"],
    label,
  });
  localStorage.setItem(idKey, contact.id);
  if (old && old !== contact.id) await call("DELETE", `/me/contacts/${old}`);
}

/** Ends it: this phone is told of nothing any more. */
export async function unsubscribe(me: Me | null): Promise<void> {
  const id = me ? contactID(me.contacts) : "";
  if (id) await call("DELETE", `/me/contacts/${id}`);
  localStorage.removeItem(idKey);
  const worker = await navigator.serviceWorker?.getRegistration();
  await (await worker?.pushManager?.getSubscription())?.unsubscribe();
}

function sameKey(s: PushSubscription, key: string): boolean {
  const its = s.options.applicationServerKey;
  if (!its) return true;
  const want = bytes(key);
  return new Uint8Array(its).every((b, i) => b === want[i]);
}

/** The bytes of a base64url text. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  const raw = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(raw, (c) => c.charCodeAt(0));
}
