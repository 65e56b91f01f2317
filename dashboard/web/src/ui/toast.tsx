import { signal } from "@preact/signals";
import { t } from "../text/locale";

interface Toast {
  text: string;
  kind: "good" | "bad";
  undo: (() => void) | null;
}

const shown = signal<Toast | null>(null);
let timer: number | undefined;

/** Shows a line at the foot of the screen for a while; one that can be undone stays for a minute. */
export function say(text: string, kind: "good" | "bad" = "good", undo: (() => void) | null = null): void {
  clearTimeout(timer);
  shown.value = { text, kind, undo };
  timer = window.setTimeout(() => (shown.value = null), undo ? 60_000 : kind === "bad" ? 12_000 : 5_000);
}

export function Toasts() {
  const toast = shown.value;
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toast && (
        <p class={`toast toast-${toast.kind}`}>
          <span>{toast.text}</span>
          {toast.undo && (
            <button type="button" class="button" onClick={() => { shown.value = null; toast.undo?.(); }}>
              {t("sheet.undo")}
            </button>
          )}
          <button type="button" class="button" onClick={() => (shown.value = null)}>
            {t("sheet.close")}
          </button>
        </p>
      )}
    </div>
  );
}
