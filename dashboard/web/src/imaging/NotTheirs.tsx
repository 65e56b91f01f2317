import { useSignal } from "@preact/signals";
import { call } from "../app/api";
import { mayMatch } from "../app/session";
import { tell } from "../sheet/acting";
import { t } from "../text/locale";
import { say } from "../ui/toast";
import { ReasonForm } from "./ReasonForm";

/** Takes the study of a finding off this person, with a reason: it goes back to the list of what is nobody's yet. */
export function NotTheirs({ finding, done }: { finding: string; done(): void }) {
  const busy = useSignal(false);
  if (!mayMatch()) return null;
  const send = async (reason: string) => {
    busy.value = true;
    try {
      await call("POST", `/imaging/studies/${encodeURIComponent(finding)}/detach`, { reason });
      say(t("imaging.detached"));
      done();
    } catch (e) {
      tell(e);
    } finally {
      busy.value = false;
    }
  };
  return (
    <details class="small">
      <summary>{t("imaging.not_theirs")}</summary>
      <ReasonForm label={t("imaging.why_not")} deed={t("imaging.detach")} busy={busy.value} send={(reason) => void send(reason)} />
    </details>
  );
}
