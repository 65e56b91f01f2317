import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { lang, t, tIn, type Lang } from "../text/locale";
import { say } from "../ui/toast";
import type { Isbar } from "./contract";

const letters = ["i", "s", "b", "a", "r"] as const;

/** What to say when ringing somebody: five lines to read out, or to copy. */
export function IsbarCard({ isbar }: { isbar: Record<Lang, Isbar> }) {
  const tongue = useSignal<Lang>(lang.peek());
  useEffect(() => void (tongue.value = lang.value), [lang.value]); // the page's own switch goes before
  const large = useSignal(false);
  const text = isbar[tongue.value];
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(letters.map((l) => `${l.toUpperCase()} – ${text[l]}`).join("\n"));
      say(t("isbar.copied"));
    } catch {
      say(t("isbar.no_copy"), "bad");
    }
  };
  return (
    <section class={`isbar${large.value ? " is-large" : ""}`}>
      <h2>ISBAR</h2>
      <dl lang={tongue.value}>
        {letters.map((l) => (
          <div key={l}>
            <dt>
              <span aria-hidden="true">{l.toUpperCase()}</span>
              <span class="isbar-name">{tIn(tongue.value, `isbar.${l}`)}</span>
            </dt>
            <dd>{text[l]}</dd>
          </div>
        ))}
      </dl>
      <div class="row">
        <button type="button" class="button" onClick={() => void copy()}>
          {t("isbar.copy")}
        </button>
        <button type="button" class="button" aria-pressed={large.value} onClick={() => (large.value = !large.value)}>
          {t("isbar.read")}
        </button>
        <button type="button" class="button" lang={tongue.value === "vi" ? "en" : "vi"} onClick={() => (tongue.value = tongue.value === "vi" ? "en" : "vi")}>
          {tongue.value === "vi" ? "English" : "Tiếng Việt"}
        </button>
      </div>
    </section>
  );
}
