import { signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../text/locale";

const fetches: (() => void)[] = [];

/**
 * A part of the screen whose code comes after the board's own. It is fetched in a quiet moment, or when
 * it is first shown, whichever is sooner.
 */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  const part = signal<ComponentType<P> | null>(null); // set once its texts are here too
  const failed = signal(false);
  let coming = false;
  const fetch = () => {
    if (coming || part.peek()) return;
    coming = true;
    failed.value = false;
    Promise.all([load(), import("../text/more")])
      .then(([c]) => (part.value = c), () => (failed.value = true))
      .finally(() => (coming = false));
  };
  fetches.push(fetch);
  return function Later(p: P) {
    useEffect(fetch, []);
    const Part = part.value;
    if (Part) return <Part {...p} />;
    if (!failed.value) return <p class="person">{t("app.loading_part")}</p>;
    return (
      <p class="notice">
        {t("app.no_part")}{" "}
        <button type="button" class="button" onClick={fetch}>
          {t("app.again")}
        </button>
      </p>
    );
  };
}

/** Fetches every such part: what is needed while the server is away must be here before. */
export function fetchLater(): void {
  for (const fetch of fetches) fetch();
}
