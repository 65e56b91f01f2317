import { fiveSeconds } from "../live/clock";
import { sparkVitals, type SparkVital } from "../live/sparkbuffer";
import { age, clock } from "../text/format";
import { code, t } from "../text/locale";
import { ranges } from "../tile/spark";
import { measure, vitalName } from "../tile/vitals";
import { pieces, type Point } from "./pieces";

const hours = 4;
const width = 300;
const height = 44;

/** The last four hours of each vital, on the board's fixed ranges; a gap stays a gap. */
export function Course({ since }: { since: Record<string, Point[]> }) {
  const shown = sparkVitals.filter((v) => (since?.[v] ?? []).length > 0);
  if (shown.length === 0) return null;
  const to = fiveSeconds.value;
  const from = to - hours * 3_600_000;
  return (
    <section class="course">
      <h2>{t("phone.course", { n: hours })}</h2>
      {shown.map((v) => (
        <One key={v} vital={v} points={since[v] ?? []} from={from} to={to} />
      ))}
      <p class="course-times">
        <span>{clock(from)}</span>
        <span>{clock(to)}</span>
      </p>
    </section>
  );
}

function One({ vital, points, from, to }: { vital: SparkVital; points: Point[]; from: number; to: number }) {
  const [low, high] = ranges[vital];
  const x = (at: number) => (((at - from) / (to - from)) * width).toFixed(1);
  const y = (v: number) => (3 + (height - 6) * (1 - Math.min(1, Math.max(0, (v - low) / (high - low))))).toFixed(1);
  const within = points.filter(([at]) => at >= from && at <= to);
  const values = within.map(([, v]) => v);
  const last = within.at(-1);
  if (!last) return null;
  const spoken = t("vital.trend_text", { vital: vitalName(vital), min: Math.min(...values), max: Math.max(...values) });
  return (
    <div class="course-line">
      <span>{code("vital.short", vital)}</span>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={spoken}>
        {vital === "sbp"
          ? within.map(([at, v]) => <circle key={at} cx={x(at)} cy={y(v)} r="2" />) // a cuff measures now and then: no line between
          : pieces(within).map((piece) => (piece.length === 1 ? <circle key={piece[0]![0]} cx={x(piece[0]![0])} cy={y(piece[0]![1])} r="1.6" /> : <polyline key={piece[0]![0]} points={piece.map(([at, v]) => `${x(at)},${y(v)}`).join(" ")} />))}
      </svg>
      <b>
        {measure(vital, last[1])}
        <small>{age(to - last[0])}</small>
      </b>
    </div>
  );
}
