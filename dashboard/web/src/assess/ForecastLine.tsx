import type { Tile } from "../live/contract";
import { num } from "../text/format";
import { code, t } from "../text/locale";
import { ranges } from "../tile/spark";
import { measure } from "../tile/vitals";
import type { Forecast, ForecastHour } from "./contract";

const width = 132;
const height = 52;
const hour = 3_600_000;
/** A value older than this does not begin the line. */
const present = 10 * 60_000;

/** Where one vital is expected to be: the interval as a band, its middle as a line, and the last hour in words. */
export function ForecastLine({ forecast: f, tile, at }: { forecast: Forecast; tile: Tile; at: number }) {
  const range = f.vital in ranges ? ranges[f.vital as keyof typeof ranges] : null;
  const last = f.hours.at(-1);
  if (!range || !last) return null;
  const now = tile.vitals[f.vital];
  const begins = now && !now.doubt && at - now.at < present ? now.v : null;
  const text = t("forecast.at", { time: t("age.h", { n: num(last.ahead / hour) }), mid: measure(f.vital, Math.round(last.mid)), low: num(last.low), high: num(last.high) });
  return (
    <div class="forecast">
      <span title={code("vital", f.vital)}>{code("vital.short", f.vital)}</span>
      <svg viewBox={`0 0 ${width} ${height}`} width={width} height={height} role="img" aria-label={`${code("vital", f.vital)}: ${text}`}>
        <Drawing hours={f.hours} range={range} begins={begins} end={last.ahead} />
      </svg>
      <span>{text}</span>
    </div>
  );
}

function Drawing({ hours, range: [low, high], begins, end }: { hours: ForecastHour[]; range: readonly [number, number]; begins: number | null; end: number }) {
  const x = (ahead: number) => (4 + ((width - 8) * ahead) / end).toFixed(1);
  const y = (value: number) => (2 + (height - 4) * (1 - Math.min(1, Math.max(0, (value - low) / (high - low))))).toFixed(1);
  const dots = (of: "low" | "mid" | "high") => [...(begins === null ? [] : [`${x(0)},${y(begins)}`]), ...hours.map((h) => `${x(h.ahead)},${y(h[of])}`)];
  return (
    <>
      <polygon class="forecast-band" points={[...dots("low"), ...dots("high").reverse()].join(" ")} />
      <polyline class="forecast-mid" points={dots("mid").join(" ")} />
      {begins !== null && <circle class="forecast-now" cx={x(0)} cy={y(begins)} r="3" />}
    </>
  );
}
