import type { Tile } from "../live/contract";
import { age } from "../text/format";
import { code, t } from "../text/locale";
import { DiamondIcon } from "../ui/icons";
import { doubtText, showsAge, type Line } from "./vitals";

/** One vital on a tile: label, value, points, and its age once that matters. */
export function VitalLine({ line, limits, at }: { line: Line; limits: Record<string, number>; at: number }) {
  const old = showsAge(line, limits, at);
  return (
    <div class={`vital vital-${line.input}${state(line)}`}>
      <dt title={code("vital", line.input)}>{code("vital.short", line.input)}</dt>
      <dd>
        <Value line={line} suffix={line.input === "temp" ? "°" : ""} />
        {line.own && <OwnMark />}
        <Points n={line.points} />
        {old && <span class="vital-age">{age(at - line.at)}</span>}
      </dd>
    </div>
  );
}

function state(line: Line): string {
  if (!line.text) return " is-missing";
  if (line.stale) return " is-stale";
  return line.doubtful ? " is-doubtful" : "";
}

function Value({ line, suffix }: { line: Line; suffix: string }) {
  if (!line.text) return <span class="vital-value" title={t("vital.missing")}>–<span class="vh">{t("vital.missing")}</span></span>;
  if (line.stale) return <s class="vital-value">{line.text}{suffix}<span class="vh"> {t("part.stale")}</span></s>;
  return (
    <span class={`vital-value${line.source === "device" ? "" : " is-charted"}`}>
      {line.text}
      {suffix}
      {line.doubtful && <span class="vital-doubt" title={doubtText(line)}>?<span class="vh">{doubtText(line)}</span></span>}
      {!line.doubtful && line.poor && <span class="vital-poor" title={t("vital.quality_poor")}>~<span class="vh">{t("vital.quality_poor")}</span></span>}
    </span>
  );
}

/** The person has limits of their own here, in place of the ward's. */
export function OwnMark() {
  return (
    <span class="own" title={t("limit.mark")}>
      <DiamondIcon />
      <span class="vh">{t("limit.mark")}</span>
    </span>
  );
}

/** The points an input adds, as a small dot with its number; nothing for none. */
export function Points({ n }: { n: number | null }) {
  if (!n) return null;
  return (
    <span class={`points points-${n}`}>
      {n}
      <span class="vh"> {t("score.points_head")}</span>
    </span>
  );
}

/** What the sparklines of a tile show, in words. */
export function sparkText(tile: Tile, range: (v: "rr" | "spo2" | "sbp" | "hr") => { min: number; max: number } | null): string {
  const texts = (["rr", "spo2", "sbp", "hr"] as const).flatMap((v) => {
    const r = range(v);
    return r ? [t("vital.trend_text", { vital: code("vital", v), min: Math.round(r.min), max: Math.round(r.max) })] : [];
  });
  return texts.join("; ") || `${tile.label}: ${t("part.missing")}`;
}
