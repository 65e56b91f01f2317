import { useSignal } from "@preact/signals";
import type { Board } from "../live/board";
import type { Alert } from "../live/contract";
import { now } from "../live/clock";
import { clock } from "../text/format";
import { code, t, type Key } from "../text/locale";
import { mayAct } from "../app/session";
import { causes, owner, priority, unaccepted } from "../board/alerts";
import { Countdown } from "../tile/TileFoot";
import { PriorityMark } from "../ui/icons";
import { useActing, type Deed } from "./acting";

type Asked = "decline" | "resolve" | "snooze" | "escalate" | null;

/** Reasons offered for a deed that must have one. */
const reasons: Record<"decline" | "resolve" | "snooze", string[]> = {
  decline: ["busy", "not_mine", "off_duty"],
  resolve: ["assessed", "treated", "plan", "artefact"],
  snooze: ["plan", "assessed", "treated"],
};

const snoozeMinutes = [15, 30, 60];

/** One open alert with what can be done about it. */
export function AlertCard({ alert, board }: { alert: Alert; board: Board }) {
  return (
    <section class={`alert alert-${priority(alert)}${unaccepted(alert) ? " has-unaccepted" : ""}`} data-alert={alert.id} data-state={alert.state}>
      <h3>
        <PriorityMark of={priority(alert)} /> {causes(alert, board.bed(alert.bed)?.tile.value.score)}
      </h3>
      <p>
        {t(`alert.priority.${priority(alert)}`)} · {t("alert.since", { time: clock(alert.raised) })}
      </p>
      <p>
        <b>{owner(alert)}</b> <Countdown alert={alert} words />
      </p>
      <Told alert={alert} />
      {mayAct() && <Deeds alert={alert} board={board} />}
    </section>
  );
}

/** Which roles were told, and what each of them said. */
function Told({ alert }: { alert: Alert }) {
  if (alert.roles.length === 0) return null;
  return (
    <ul class="told">
      {alert.roles.map((r) => (
        <li key={r.role + r.told}>
          {code("role", r.role)}
          {r.told ? ` ${clock(r.told)}` : ""}
          {r.accepted ? ` · ${t("deed.accept")} ${clock(r.accepted)} ${r.by_name}` : ""}
          {r.declined ? ` · ${t("deed.decline")} ${clock(r.declined)} ${r.by_name}` : ""}
        </li>
      ))}
    </ul>
  );
}

function Deeds({ alert, board }: { alert: Alert; board: Board }) {
  const acting = useActing(board);
  const asked = useSignal<Asked>(null);
  const still = acting.busy.value || board.link.value !== "live";
  const act = async (deed: Deed, extra?: { reason?: string; until?: number }) => {
    if (await acting.act(alert, deed, extra)) asked.value = null;
  };
  if (asked.value) return <Reason asked={asked.value} still={still} act={act} cancel={() => (asked.value = null)} />;
  const ask = (deed: Exclude<Asked, null>) => (
    <button type="button" class="button" data-do={deed} disabled={still} onClick={() => (asked.value = deed)}>
      {t(`alert.do.${deed}`)}
    </button>
  );
  return (
    <div class="row">
      {unaccepted(alert) && (
        <button type="button" class="button button-main" data-do="accept" disabled={still} onClick={() => void act("accept")}>
          {t("alert.do.accept")}
        </button>
      )}
      {alert.state !== "at_bedside" && (
        <button type="button" class="button" data-do="at_bedside" disabled={still} onClick={() => void act("at_bedside")}>
          {t("alert.do.at_bedside")}
        </button>
      )}
      {unaccepted(alert) && ask("decline")}
      {ask("escalate")}
      {ask("snooze")}
      {ask("resolve")}
    </div>
  );
}

/** What silences takes two taps: the deed, then its reason. */
function Reason(p: {
  asked: Exclude<Asked, null>;
  still: boolean;
  act(deed: Deed, extra?: { reason?: string; until?: number }): Promise<void>;
  cancel(): void;
}) {
  const minutes = useSignal(snoozeMinutes[0] ?? 15);
  const other = useSignal("");
  const send = (reason: string) =>
    void p.act(p.asked, p.asked === "snooze" ? { reason, until: Math.round(now() + minutes.value * 60_000) } : { reason });
  if (p.asked === "escalate") {
    return (
      <div class="row">
        <p>{t("alert.escalate_sure")}</p>
        <button type="button" class="button button-main" disabled={p.still} onClick={() => send("")}>
          {t("alert.do.escalate")}
        </button>
        <Cancel cancel={p.cancel} />
      </div>
    );
  }
  return (
    <fieldset class="reason">
      <legend>
        {t(`alert.do.${p.asked}` as Key)} – {t("alert.why")}
      </legend>
      {p.asked === "snooze" && (
        <div class="row">
          {snoozeMinutes.map((n) => (
            <button key={n} type="button" class="button" aria-pressed={minutes.value === n} onClick={() => (minutes.value = n)}>
              {t("alert.minutes", { n })}
            </button>
          ))}
        </div>
      )}
      <div class="column">
        {reasons[p.asked].map((r) => (
          <button key={r} type="button" class="button" disabled={p.still} onClick={() => send(r)}>
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
        <Cancel cancel={p.cancel} />
      </div>
    </fieldset>
  );
}

function Cancel({ cancel }: { cancel(): void }) {
  return (
    <button type="button" class="button" onClick={cancel}>
      {t("sheet.cancel")}
    </button>
  );
}
