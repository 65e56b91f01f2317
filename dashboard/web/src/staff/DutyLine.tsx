import { code, t } from "../text/locale";
import type { DutyRole } from "./contract";
import { duty, isHole } from "./duty";

/** Names that a duty has room for. */
const most = 3;

/** So many holes stand each by itself; more are said in one: the row must stay a row. */
const apart = 2;

/** Who is on duty, a role at a time; a hole in the roster is said: in a word at the board's foot, whole where there is room. */
export function DutyLine({ whole = false }: { whole?: boolean }) {
  const roles = duty.value?.roles.filter((r) => r.role !== "engineer") ?? [];
  if (roles.length === 0) return null;
  const holes = roles.filter(isHole);
  const together = !whole && holes.length > apart;
  return (
    <ul class={`duty${whole ? " is-whole" : ""}`} aria-label={t("duty.heading")}>
      {together && (
        <li class="is-hole" title={holes.map((r) => `${code("role", r.role)}: ${spoken(r)}`).join("; ")}>
          {t("duty.holes", { n: holes.length })}
        </li>
      )}
      {roles.filter((r) => !together || !isHole(r)).map((r) => (
        <li key={r.role} class={isHole(r) ? "is-hole" : ""} title={whole ? "" : spoken(r)}>
          <span>{code("role", r.role)}</span> <b>{whole ? spoken(r) : brief(r)}</b>
        </li>
      ))}
    </ul>
  );
}

function brief(r: DutyRole): string {
  // By what people are called: the last word of a Vietnamese name.
  const called = r.people.slice(0, most).map((p) => p.name.split(" ").at(-1)).join(", ") + (r.people.length > most ? ` +${r.people.length - most}` : "");
  return isHole(r) ? [t("duty.hole"), called].filter(Boolean).join(" → ") : called;
}

function spoken(r: DutyRole): string {
  const names = r.people.map((p) => p.name).join(", ");
  return isHole(r) ? [code("holding", r.how), names].filter(Boolean).join(" – ") : names;
}
