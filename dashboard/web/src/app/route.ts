import { signal } from "@preact/signals";

export type Route = { page: "home" } | { page: "signin"; next: string } | { page: "board"; ward: string; bed: string } | { page: "phone"; alert: string };

function parse(url: URL): Route {
  const board = /^\/board\/([A-Za-z0-9_-]{1,64})\/?$/.exec(url.pathname);
  if (board) return { page: "board", ward: board[1] ?? "", bed: url.searchParams.get("bed") ?? "" };
  const phone = /^\/phone(?:\/alert\/([A-Za-z0-9_-]{1,64}))?\/?$/.exec(url.pathname);
  if (phone) return { page: "phone", alert: phone[1] ?? "" };
  if (url.pathname === "/signin") return { page: "signin", next: safeNext(url.searchParams.get("next")) };
  return { page: "home" };
}

// Only a path of our own: a link must not be able to send a person elsewhere after sign-in.
function safeNext(next: string | null): string {
  return next && /^\/[A-Za-z0-9_\-/?=&.~]*$/.test(next) && !next.startsWith("//") ? next : "/";
}

export const route = signal<Route>(parse(new URL(location.href)));
/** A wall screen: shows, without controls. */
export const kiosk = new URL(location.href).searchParams.get("kiosk") === "1";

export function go(path: string, replace = false): void {
  if (path.startsWith("/a/")) return location.replace(path); // a notice's link is the server's to open
  history[replace ? "replaceState" : "pushState"](null, "", path);
  route.value = parse(new URL(location.href));
}

/** Sends the person to sign in and back to where they were. */
export function goSignIn(): void {
  const here = location.pathname + location.search;
  go(location.pathname === "/signin" ? here : "/signin?next=" + encodeURIComponent(here), true);
}

addEventListener("popstate", () => {
  route.value = parse(new URL(location.href));
});
