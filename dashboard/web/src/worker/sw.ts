import { notification, type Kept, type Payload } from "./notice";
import type { Changed, Fetching, Worker } from "./types";

// The service worker: shows what is pushed, and keeps the page's own files for when the network is gone.
// Nothing of a patient is ever kept: of the API it caches nothing.

const worker = self as unknown as Worker;
const shell = "%SHELL%" as unknown as { version: string; files: string[] };
const cacheName = "wardwatch-" + shell.version;
const page = "/phone";
/** The language that the page told us; it stands beside the shell. */
const langKey = "/.lang";
/** How long a page may take before the kept one stands in. */
const patience = 5000;

worker.addEventListener("install", (e) => {
  e.waitUntil(caches.open(cacheName).then((c) => c.addAll([page, ...shell.files])).then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (e) => {
  const old = (k: string) => k.startsWith("wardwatch-") && k !== cacheName && k !== "wardwatch-lang";
  e.waitUntil(caches.keys().then((keys) => Promise.all(keys.filter(old).map((k) => caches.delete(k)))).then(() => worker.clients.claim()));
});

worker.addEventListener("fetch", (e) => {
  const { pathname, origin } = new URL(e.request.url);
  if (e.request.method !== "GET" || origin !== worker.location.origin) return;
  if (e.request.mode === "navigate" && (pathname === page || pathname.startsWith(page + "/"))) e.respondWith(fromNetwork(e));
  else if (pathname.startsWith("/assets/")) e.respondWith(fromShell(e));
});

async function fromNetwork(e: Fetching): Promise<Response> {
  try {
    return await fetch(e.request, { signal: AbortSignal.timeout(patience) });
  } catch (error) {
    const kept = await caches.match(page);
    if (kept) return kept;
    throw error;
  }
}

async function fromShell(e: Fetching): Promise<Response> {
  return (await caches.match(e.request)) ?? fetch(e.request);
}

worker.addEventListener("push", (e) => {
  let payload: Payload | null = null;
  try {
    payload = e.data?.json() as Payload;
  } catch {
    // Shown without its words, then.
  }
  e.waitUntil(show(payload));
});

async function show(payload: Payload | null): Promise<void> {
  const tag = payload?.tag || payload?.alert;
  const [standing] = tag ? await worker.registration.getNotifications({ tag }) : [];
  const { title, options } = notification(payload, await language(), (standing?.data as Kept | undefined) ?? null);
  await worker.registration.showNotification(title, options);
}

async function language(): Promise<"vi" | "en"> {
  const told = await caches.match(langKey).then((r) => r?.text(), () => undefined);
  return told === "en" ? "en" : "vi";
}

worker.addEventListener("notificationclick", (e) => {
  e.notification.close();
  e.waitUntil(open((e.notification.data as Kept | undefined)?.link ?? page));
});

async function open(link: string): Promise<void> {
  const url = new URL(link, worker.location.origin).href;
  const tabs = await worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  const phone = tabs.find((t) => new URL(t.url).pathname.startsWith(page));
  if (!phone) return void (await worker.clients.openWindow(url));
  const here = await phone.focus();
  // A tab that this worker does not rule over yet cannot be sent anywhere.
  await here.navigate(url).catch(() => worker.clients.openWindow(url));
}

// A browser may change its subscription by itself: the server must learn the new address, or nobody is told.
worker.addEventListener("pushsubscriptionchange", (e) => e.waitUntil(renew(e)));

async function renew(e: Changed): Promise<void> {
  const fresh = e.newSubscription ?? (e.oldSubscription && (await worker.registration.pushManager.subscribe(e.oldSubscription.options as PushSubscriptionOptionsInit)));
  if (!fresh) return;
  const session = (await (await fetch("/api/v1/session")).json()) as { csrf: string };
  const keys = fresh.toJSON().keys ?? {};
  await fetch("/api/v1/me/contacts", {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Wardwatch-CSRF": session.csrf },
    body: JSON.stringify({ channel: "webpush", endpoint: fresh.endpoint, p256dh: keys["p256dh"], auth: keys["auth"], label: "" }),
  });
}
