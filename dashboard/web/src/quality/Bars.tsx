import { t } from "../text/locale";
import type { Bar } from "./rows";

/** Bars on one scale, each with its figure and what it was made from; a table for those who cannot see them. */
export function Bars({ rows, unit, most }: { rows: Bar[]; unit: string; most?: number }) {
  if (rows.length === 0) return <p class="person">{t("quality.no_data")}</p>;
  const top = most ?? Math.max(...rows.map((r) => r.value ?? 0), Number.EPSILON);
  return (
    <table class="bars">
      {unit && <caption>{unit}</caption>}
      <tbody>
        {rows.map((r) => (
          <tr key={r.name}>
            <th scope="row">{r.name}</th>
            <td>
              <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                <rect width={Math.min(100, ((r.value ?? 0) / top) * 100)} height="10" />
              </svg>
              <span>
                {r.text}
                {r.n !== null && <small> n = {r.n}</small>}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
