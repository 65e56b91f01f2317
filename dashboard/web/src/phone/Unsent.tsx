import { second } from "../live/clock";
import { age, bedName } from "../text/format";
import { t, type Key } from "../text/locale";
import { drop, sendAgain, unsent, type Deposit } from "./outbox";

/** What was pressed and has not arrived: said until it has, or until its person lets it go. */
export function Unsent() {
  const items = unsent.value.filter((d) => d.deed !== "see" && (d.state !== "sending" || d.tries > 0));
  if (items.length === 0) return null;
  return (
    <ul class="unsent" aria-live="assertive">
      {items.map((d) => (
        <li key={d.id} data-deed={d.deed} data-unsent={d.state}>
          <b>{t(d.state === "refused" ? "phone.refused" : "phone.unsent", { deed: t(`alert.do.${d.deed}` as Key), bed: bedName(d.bed) })}</b>
          <span>{words(d)}</span>
          <span class="row">
            {d.state !== "refused" && (
              <button type="button" class="button" onClick={() => sendAgain(d.id)}>
                {t("phone.send_now")}
              </button>
            )}
            <button type="button" class="button" onClick={() => drop(d.id)}>
              {t(d.state === "refused" ? "sheet.close" : "phone.drop")}
            </button>
          </span>
        </li>
      ))}
    </ul>
  );
}

function words(d: Deposit): string {
  if (d.state === "refused") return d.error;
  const pressed = t("phone.pressed", { age: age(second.value - d.pressed, true) });
  return `${pressed}. ${t(d.state === "held" ? "phone.held" : "phone.retrying")}`;
}
