/** What a push carries: ward, bed, level and a link, never a name. */
export interface Payload {
  notice?: string;
  alert?: string;
  kind?: string;
  band?: string;
  level?: number;
  link?: string;
  tag?: string;
  title_vi?: string;
  title_en?: string;
  text_vi?: string;
  text_en?: string;
  at?: number;
  require?: boolean;
}

/** What a shown notice keeps, for the tap on it and for the next of the same alert. */
export interface Kept {
  link: string;
  /** When it was made, Unix ms; 0 where the push does not say. */
  at: number;
  notice: string;
}

export interface Shown {
  title: string;
  options: NotificationOptions & { renotify: boolean; vibrate: number[] };
}

const high = [400, 150, 400, 150, 800];
const others = [200, 100, 200];

/**
 * What is shown of a push, in a language, beside what is shown already of the same alert. A push that
 * cannot be read is still news: somebody has to look.
 */
export function notification(p: Payload | null, lang: "vi" | "en", before: Kept | null): Shown {
  const urgent = p?.band === "high" || p?.kind === "device_alarm" || p?.require === true;
  const at = typeof p?.at === "number" ? p.at : 0;
  const kept: Kept = { link: linkOf(p), at: Math.max(at, before?.at ?? 0), notice: p?.notice ?? "" };
  const repeat = !!before && before.notice !== "" && before.notice === kept.notice;
  const late = !!before && at > 0 && at < before.at;
  return {
    title: (lang === "en" ? p?.title_en : p?.title_vi) || (lang === "en" ? "Wardwatch: a new alert" : "Wardwatch: có cảnh báo mới"),
    options: {
      body: (lang === "en" ? p?.text_en : p?.text_vi) || (lang === "en" ? "Open to see it." : "Mở để xem."),
      lang,
      tag: p?.tag || p?.alert || "wardwatch",
      // The same promise again, or one overtaken by a newer, does not ring. The rung says nothing of that: a
      // rise begins anew at the first.
      renotify: !repeat && !late,
      requireInteraction: urgent,
      vibrate: urgent ? high : others,
      icon: "/icon-192.png",
      badge: "/badge-96.png",
      data: kept,
    },
  };
}

// The link's own path only: a push must not be able to send anybody to another site.
function linkOf(p: Payload | null): string {
  const alert = p?.alert && /^[A-Za-z0-9_-]{1,64}$/.test(p.alert) ? `/phone/alert/${p.alert}` : "/phone";
  if (!p?.link) return alert;
  const path = /^https?:\/\/[^/]+(\/a\/[A-Za-z0-9._~-]+)$/.exec(p.link)?.[1] ?? /^(\/a\/[A-Za-z0-9._~-]+)$/.exec(p.link)?.[1];
  return path ?? alert;
}
