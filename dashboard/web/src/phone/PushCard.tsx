import { useSignal } from "@preact/signals";
import { call } from "../app/api";
import { tell } from "../sheet/acting";
import { date } from "../text/format";
import { code, t } from "../text/locale";
import { say } from "../ui/toast";
import type { Me } from "./contract";
import { contactID, push, subscribe, unsubscribe } from "./push";

/** Whether this phone is told, what to do when it is not, and a test that shows it. */
export function PushCard({ me, changed }: { me: Me; changed(): void }) {
  const busy = useSignal(false);
  const state = push.value;
  const run = async (what: () => Promise<unknown>, said = "") => {
    busy.value = true;
    try {
      await what();
      if (said) say(said);
      changed();
    } catch (e) {
      if (e instanceof DOMException) say(t("push.browser_refuses"), "bad");
      else tell(e);
    } finally {
      busy.value = false;
    }
  };
  const id = contactID(me.contacts);
  const others = me.contacts.filter((c) => c.id !== id);
  return (
    <section class="phone-card" data-push={state}>
      <h2>{t("push.heading")}</h2>
      <p class={state === "subscribed" ? "push-good" : "notice"}>{code("push.state", state)}</p>
      <div class="row">
        {(state === "ask" || state === "dead") && (
          <button type="button" class="button button-main" data-do="subscribe" disabled={busy.value} onClick={() => void run(() => subscribe(me, phoneName()), t("push.on"))}>
            {t(state === "ask" ? "push.turn_on" : "push.renew")}
          </button>
        )}
        {state === "subscribed" && (
          <>
            <button type="button" class="button" data-do="test" disabled={busy.value} onClick={() => void run(() => call("POST", `/me/contacts/${id}/test`, {}), t("push.test_sent"))}>
              {t("push.test")}
            </button>
            <button type="button" class="button" disabled={busy.value} onClick={() => void run(() => unsubscribe(me))}>
              {t("push.turn_off")}
            </button>
          </>
        )}
      </div>
      {others.length > 0 && (
        <>
          <h3>{t("push.others")}</h3>
          <ul class="contacts">
            {others.map((c) => (
              <li key={c.id}>
                <span>
                  {code("channel", c.channel)} {c.label}
                  {c.added !== null && <small> {date(c.added)}</small>}
                </span>
                <button type="button" class="button" disabled={busy.value} onClick={() => void run(() => call("DELETE", `/me/contacts/${c.id}`))}>
                  {t("duty.remove")}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

// What the person will know this phone by in the list; no more is told of it.
function phoneName(): string {
  return /iPhone|iPad|Android|Windows|Macintosh|Linux/.exec(navigator.userAgent)?.[0] ?? "";
}
