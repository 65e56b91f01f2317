import { useSignal } from "@preact/signals";
import { now } from "../live/clock";
import type { Alert } from "../live/contract";
import { accepted, asksMe, plan } from "../board/taken";
import { AskReason, type Asked } from "../sheet/AskReason";
import type { Deed } from "../sheet/acting";
import { t } from "../text/locale";
import type { May } from "./contract";
import { deposit, unsent } from "./outbox";

/** The first that may be done is the large one: for whom the alert waits, and for who has taken it on. */
const asked: readonly May[] = ["accept", "on_way", "at_bedside", "plan", "resolve"];
const taken: readonly May[] = ["on_way", "at_bedside", "plan", "resolve", "accept"];
/** What is asked for its reason before it is done. */
const asks: readonly May[] = ["decline", "plan", "snooze", "resolve", "escalate"];
/** How many stand in sight beside the large one. */
const inSight = 2;

/** The deeds within the thumb's reach: one large, two beside it, the rest behind one more touch. */
export function Buttons({ alert, may, label }: { alert: Alert; may: Record<May, boolean>; label: string }) {
  const asking = useSignal<Asked | null>(null);
  const more = useSignal(false);
  const own = accepted(alert);
  const waits = asksMe(alert);
  const planned = (d: May) => d === "plan" && plan(alert) !== ""; // it may be changed, and is not what comes next
  const can = (d: May) => may[d] && !(d === "on_way" && (!own || own.on_way !== null));
  const first = (own && !waits ? taken : asked).find((d) => can(d) && !planned(d));
  const rest = ((waits ? ["decline", "escalate", "at_bedside", "plan", "snooze", "resolve"] : ["at_bedside", "escalate", "plan", "snooze", "resolve", "accept", "decline"]) as May[]).filter((d) => can(d) && d !== first);
  if (!first && rest.length === 0) return <footer class="phone-deeds is-none">{t("phone.nothing_to_do")}</footer>;
  const press = (d: May) => {
    if ((asks as readonly string[]).includes(d)) asking.value = d as Asked;
    else deposit(alert, d, label);
    more.value = false;
  };
  const send = (deed: Deed, extra: { reason?: string; until?: number }) => {
    deposit(alert, deed, label, extra);
    asking.value = null;
  };
  const button = (d: May, main = false) => (
    <button key={d} type="button" class={`button${main ? " button-main" : ""}`} data-do={d} disabled={sending(alert.id, d)} onClick={() => press(d)}>
      {t(`alert.do.${d}`)}
    </button>
  );
  if (asking.value) {
    return (
      <footer class="phone-deeds is-asking">
        <AskReason asked={asking.value} still={false} at={now} send={send} cancel={() => (asking.value = null)} />
      </footer>
    );
  }
  const hidden = rest.slice(inSight);
  return (
    <footer class="phone-deeds">
      {more.value && <div class="phone-deeds-row">{hidden.map((d) => button(d))}</div>}
      <div class="phone-deeds-row">
        {rest.slice(0, inSight).map((d) => button(d))}
        {hidden.length > 0 && (
          <button type="button" class="button" data-do="more" aria-expanded={more.value} onClick={() => (more.value = !more.value)}>
            {t(more.value ? "phone.less" : "phone.more")}
          </button>
        )}
      </div>
      {first && button(first, true)}
    </footer>
  );
}

function sending(alert: string, deed: string): boolean {
  return unsent.value.some((d) => d.alert === alert && d.deed === deed && d.state !== "refused" && d.state !== "held");
}
