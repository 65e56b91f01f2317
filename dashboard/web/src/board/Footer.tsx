import { lang, tIn } from "../text/locale";

/** What nobody may forget, in both languages where there is room: the reader's own first. */
export function Footer() {
  const other = lang.value === "vi" ? "en" : "vi";
  return (
    <p class="foot">
      <span>{tIn(lang.value, "app.second_eyes")}</span>
      <span class="foot-other" lang={other}>
        {tIn(other, "app.second_eyes")}
      </span>
    </p>
  );
}
