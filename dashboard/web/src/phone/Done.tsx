import { fiveSeconds } from "../live/clock";
import type { Alert } from "../live/contract";
import { moment } from "../text/format";
import { code, knows, t } from "../text/locale";
import { Told } from "../sheet/Told";
import type { AlertPage, PageNotice } from "./contract";

/** What was done: who was told and how they were found, what became of each notice, and each step. */
export function Done({ page, alert }: { page: AlertPage; alert: Alert }) {
  const steps = page.alert.timeline ?? [];
  const notices = page.notices ?? [];
  return (
    <section>
      <h2>{t("phone.done")}</h2>
      <Told alert={alert} />
      {notices.length > 0 && (
        <details>
          <summary>{t("notice.heading", { n: notices.length })}</summary>
          <ul class="phone-steps">
            {notices.map((n, i) => (
              <li key={i}>{noticeText(n)}</li>
            ))}
          </ul>
        </details>
      )}
      {steps.length > 0 && (
        <details>
          <summary>{t("phone.steps", { n: steps.length })}</summary>
          <ol class="phone-steps">
            {steps.map((s, i) => (
              <li key={i}>
                <time>{moment(s.at, fiveSeconds.value)}</time> {stepText(s.deed)} {s.by_name && <b>{s.by_name}</b>}
              </li>
            ))}
          </ol>
        </details>
      )}
    </section>
  );
}

function noticeText(n: PageNotice): string {
  const to = n.to_name || t("duty.whole_role");
  const how = n.how && n.how !== "roster" && n.how !== "assigned" ? ` (${code("holding", n.how)})` : "";
  return `${moment(n.made ?? 0, fiveSeconds.value)} ${code("role", n.role)}: ${to}${how} · ${code("channel", n.channel)} · ${code("notice.state", n.state)}`;
}

function stepText(deed: string): string {
  const word = deed.replace(/^alert\./, "");
  return knows("step", word) ? code("step", word) : word.replaceAll("_", " ");
}
