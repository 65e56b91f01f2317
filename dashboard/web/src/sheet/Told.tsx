import type { Alert, Duty } from "../live/contract";
import { clock } from "../text/format";
import { code, t } from "../text/locale";
import { hole, lapsed } from "../board/taken";

/** Which roles were told, who that was and how they were found, and what each of them said. */
export function Told({ alert }: { alert: Alert }) {
  if (alert.roles.length === 0) return null;
  return (
    <ul class="told">
      {alert.roles.map((r) => (
        <li key={r.role + r.told} class={hole(r) ? "is-hole" : ""}>
          <b>{code("role", r.role)}</b>
          {r.told ? ` ${clock(r.told)}` : ""}
          {people(r)}
          {hole(r) ? ` (${code("holding", r.how)})` : ""}
          {r.accepted ? ` · ${t("deed.accept")} ${clock(r.accepted)} ${r.by_name}` : ""}
          {r.on_way ? ` · ${t("deed.on_way")} ${clock(r.on_way)}` : ""}
          {lapsed(r) ? ` · ${t("deed.lapsed")} ${r.by_name}` : ""}
          {r.declined ? ` · ${t("deed.decline")} ${clock(r.declined)} ${r.by_name}` : ""}
        </li>
      ))}
    </ul>
  );
}

function people(r: Duty): string {
  const names = (r.people ?? []).map((p) => p.name).filter(Boolean);
  return names.length > 0 ? `: ${names.join(", ")}` : "";
}
