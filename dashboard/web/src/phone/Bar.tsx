import type { ComponentChildren } from "preact";
import { chooseLang } from "../app/prefs";
import { session } from "../app/session";
import { second } from "../live/clock";
import { age, clock } from "../text/format";
import { lang, t } from "../text/locale";
import type { Followed } from "./follow";

/** The head of a phone page: the way back, what it is, and the other language. */
export function Bar({ title, back }: { title: ComponentChildren; back?: string }) {
  const other = lang.value === "vi" ? "en" : "vi";
  return (
    <header class="phone-bar">
      {back && (
        <a class="button" href={back} aria-label={t("sheet.back")}>
          ‹
        </a>
      )}
      <h1>{title}</h1>
      {session.value?.simulation && <strong class="bar-simulation">{t("app.simulation")}</strong>}
      <button type="button" class="button" lang={other} onClick={() => chooseLang(other)} title={other === "vi" ? "Tiếng Việt" : "English"}>
        {other.toUpperCase()}
      </button>
    </header>
  );
}

/** Says that what is shown is old, and how old. */
export function Old({ of }: { of: Followed<unknown> }) {
  if (!of.lost) return null;
  return (
    <p class="phone-old" role="alert">
      <b>{of.heard ? t("lost.title", { time: clock(of.heard) }) : t("phone.no_answer")}</b>
      {of.heard > 0 && <span>{t("phone.old", { age: age(second.value - of.heard, true) })}</span>}
    </p>
  );
}
