import { useSignal } from "@preact/signals";
import { mayOrder } from "../app/session";
import { code, t } from "../text/locale";
import type { Deed } from "./acting";

/** Deeds that ask for something before they are done. */
export type Asked = "decline" | "resolve" | "snooze" | "escalate" | "plan";

/** Reasons offered for a deed that must have one. Whether alerts are worth their price is counted by those they are closed with. */
const reasons: Record<Exclude<Asked, "escalate">, readonly string[]> = {
  decline: ["busy", "not_mine", "off_duty"],
  resolve: ["treated", "escalated", "icu", "monitoring", "limits", "artefact", "wrong_value", "baseline", "assessed", "procedure", "plan"],
  snooze: ["plan", "assessed", "treated"],
  plan: ["plan", "treated", "escalated", "monitoring"],
};

/** For how long, in minutes, and what is offered first. */
const minutes: Partial<Record<Asked, readonly number[]>> = { snooze: [15, 30, 60], plan: [60, 120, 240] };

/** What silences takes two taps: the deed, then its reason. */
export function AskReason(p: {
  asked: Asked;
  still: boolean;
  at(): number;
  send(deed: Deed, extra: { reason?: string; until?: number }): void;
  cancel(): void;
}) {
  const spans = minutes[p.asked];
  const span = useSignal(spans?.[0] ?? 0);
  const other = useSignal("");
  const cancel = (
    <button type="button" class="button" onClick={p.cancel}>
      {t("sheet.cancel")}
    </button>
  );
  if (p.asked === "escalate") {
    return (
      <div class="row">
        <p>{t("alert.escalate_sure")}</p>
        <button type="button" class="button button-main" data-do="escalate-sure" disabled={p.still} onClick={() => p.send("escalate", {})}>
          {t("alert.do.escalate")}
        </button>
        {cancel}
      </div>
    );
  }
  const send = (reason: string) => p.send(p.asked, spans ? { reason, until: Math.round(p.at() + span.value * 60_000) } : { reason });
  return (
    <fieldset class="reason">
      <legend>
        {t(`alert.do.${p.asked}`)} – {t("alert.why")}
      </legend>
      {p.asked === "snooze" && !mayOrder() && <p class="small">{t("alert.snooze_doctor")}</p>}
      {p.asked === "plan" && <p class="small">{t("alert.plan_hint")}</p>}
      {spans && (
        <div class="row">
          {spans.map((n) => (
            <button key={n} type="button" class="button" aria-pressed={span.value === n} onClick={() => (span.value = n)}>
              {t("alert.minutes", { n })}
            </button>
          ))}
        </div>
      )}
      <div class="column">
        {reasons[p.asked].map((r) => (
          <button key={r} type="button" class="button" data-reason={r} disabled={p.still} onClick={() => send(r)}>
            {code("reason", r)}
          </button>
        ))}
        <form
          class="row"
          onSubmit={(e) => {
            e.preventDefault();
            if (other.value.trim()) send(other.value.trim());
          }}
        >
          <input aria-label={t("alert.why_other")} placeholder={t("alert.why_other")} maxLength={200} value={other.value} onInput={(e) => (other.value = e.currentTarget.value)} />
          <button type="submit" class="button" disabled={p.still || !other.value.trim()}>
            {t("sheet.save")}
          </button>
        </form>
        {cancel}
      </div>
    </fieldset>
  );
}
