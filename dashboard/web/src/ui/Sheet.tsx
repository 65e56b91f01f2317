import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../text/locale";
import { BackIcon, CloseIcon } from "./icons";

/**
 * A panel beside the board (on a phone: over it). The board behind stays live and can be touched, so
 * a new alert is never locked out. There is never a second panel on top: what goes deeper replaces
 * the contents and offers the way back.
 */
export function Sheet(p: { title: string; close(): void; back?: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  // At once, not after the next frame: a key pressed meanwhile must find it open.
  useLayoutEffect(() => {
    const before = document.activeElement;
    dialog.current?.show();
    dialog.current?.querySelector("h2")?.focus();
    const key = (e: KeyboardEvent) => e.key === "Escape" && p.close();
    addEventListener("keydown", key);
    return () => {
      removeEventListener("keydown", key);
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <dialog ref={dialog} class="sheet" aria-label={p.title}>
      <div class="sheet-head">
        {p.back && (
          <button type="button" class="button" aria-label={t("sheet.back")} onClick={p.back}>
            <BackIcon />
          </button>
        )}
        <h2 tabIndex={-1}>{p.title}</h2>
        <button type="button" class="button" aria-label={t("sheet.close")} onClick={p.close}>
          <CloseIcon />
        </button>
      </div>
      <div class="sheet-body">{p.children}</div>
    </dialog>
  );
}
