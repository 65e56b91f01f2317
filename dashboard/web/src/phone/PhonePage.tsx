import { effect } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { startClock } from "../live/clock";
import { session } from "../app/session";
import { lang, t } from "../text/locale";
import { Toasts } from "../ui/toast";
import { AlertScreen } from "./AlertScreen";
import { MyAlerts } from "./MyAlerts";
import { sendAgain } from "./outbox";
import { startWorker, tellLanguage } from "./push";
import "../style/phone.css";

/** The pages for a phone: my alerts, or one of them. */
export function PhonePage({ alert }: { alert: string }) {
  useEffect(() => {
    startWorker();
    const again = () => sendAgain();
    addEventListener("online", again);
    const stops = [
      startClock(),
      effect(() => tellLanguage(lang.value)),
      effect(() => void (session.value && sendAgain())), // what a reload found unsent
      effect(() => void (document.title = `${t("phone.title")} · Wardwatch`)),
    ];
    return () => {
      removeEventListener("online", again);
      for (const stop of stops) stop();
    };
  }, []);
  return (
    <div class="phone">
      {alert ? <AlertScreen key={alert} id={alert} /> : <MyAlerts />}
      {session.value?.simulation && <div class={`watermark watermark-${lang.value}`} aria-hidden="true" />}
      <Toasts />
    </div>
  );
}
