import { useSignal } from "@preact/signals";
import { call } from "../app/api";
import { tell } from "../sheet/acting";
import { code, t } from "../text/locale";
import { say } from "../ui/toast";
import type { Roster, Staff } from "./contract";
import { holds } from "../board/taken";
import { roles } from "./ShiftForm";

/** Who is told when the roster names nobody, a duty at a time. */
export function Defaults({ path, defaults, staff, done }: { path: string; defaults: Roster["defaults"]; staff: Staff[]; done(): void }) {
  const open = useSignal("");
  const picked = useSignal<ReadonlySet<string>>(new Set());
  const of = (role: string) => defaults.find((d) => d.role === role)?.people ?? [];
  const edit = (role: string) => {
    picked.value = new Set(of(role).map((p) => p.id));
    open.value = role;
  };
  const save = async () => {
    try {
      await call("POST", `${path}/duty/${open.value}/default`, { people: [...picked.value] });
      say(t("sheet.saved"));
      open.value = "";
      done();
    } catch (e) {
      tell(e);
    }
  };
  return (
    <section>
      <h3>{t("roster.defaults")}</h3>
      <p class="small">{t("roster.defaults_what")}</p>
      <ul class="defaults">
        {roles.map((r) => (
          <li key={r}>
            <span>
              <b class="sentence">{code("role", r)}</b>: {of(r).map((p) => p.name).join(", ") || t("roster.no_default")}
            </span>
            {open.value !== r && (
              <button type="button" class="button" aria-label={`${t("roster.change")}: ${code("role", r)}`} onClick={() => edit(r)}>
                {t("roster.change")}
              </button>
            )}
            {open.value === r && (
              <fieldset class="default-people">
                <legend class="vh">{code("role", r)}</legend>
                {staff.filter((s) => holds(s, r)).length === 0 && <p class="notice">{t("assign.no_staff")}</p>}
                {staff.filter((s) => holds(s, r)).map((s) => (
                  <label key={s.id} class="check">
                    <input
                      type="checkbox"
                      checked={picked.value.has(s.id)}
                      onChange={() => {
                        const next = new Set(picked.value);
                        if (!next.delete(s.id)) next.add(s.id);
                        picked.value = next;
                      }}
                    />
                    {s.name}
                  </label>
                ))}
                <div class="row">
                  <button type="button" class="button button-main" onClick={() => void save()}>
                    {t("sheet.save")}
                  </button>
                  <button type="button" class="button" onClick={() => (open.value = "")}>
                    {t("sheet.cancel")}
                  </button>
                </div>
              </fieldset>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
