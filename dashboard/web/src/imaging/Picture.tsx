import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../text/locale";
import type { Finding } from "./contract";
import { findingName, takenText } from "./words";

/**
 * The picture of a finding, or where its score came from. It is asked for once it is in sight: whoever
 * asks has looked, and the server keeps that.
 */
export function Picture({ of: f, map }: { of: Finding; map: Finding | null }) {
  const frame = useRef<HTMLElement>(null);
  const inSight = useSignal(false);
  const broken = useSignal("");
  useEffect(() => {
    const watcher = new IntersectionObserver((entries) => {
      if (entries.some((e) => e.isIntersecting)) inSight.value = true;
    }, { threshold: 0.4 });
    if (frame.current) watcher.observe(frame.current);
    return () => watcher.disconnect();
  }, []);
  const src = `/api/v1/findings/${encodeURIComponent((map ?? f).id)}/${map ? "map" : "picture"}`;
  const alt = map ? t("imaging.map_of", { finding: findingName(map) }) : takenText(f);
  return (
    <figure ref={frame} class="picture">
      {inSight.value && broken.value !== src && (
        <a href={src} target="_blank" rel="noreferrer" title={t("imaging.enlarge")}>
          <img src={src} alt={alt} onError={() => (broken.value = src)} />
        </a>
      )}
      {broken.value === src && <p>{t("imaging.no_picture")}</p>}
      {f.demonstration && <figcaption class="picture-demo">{t("imaging.demonstration")}</figcaption>}
    </figure>
  );
}
