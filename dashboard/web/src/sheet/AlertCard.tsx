import { useSignal } from "@preact/signals";
import type { Board } from "../live/board";
import type { Alert } from "../live/contract";
import { now, second } from "../live/clock";
import { clock } from "../text/format";
import { t } from "../text/locale";
import { mayAct, session } from "../app/session";
import { causes, priority, snoozeEnds, unaccepted } from "../board/alerts";
import { accepted, asksMe, lacks, owner, plan, setOut, unrostered } from "../board/taken";
import { Countdown } from "../tile/TileFoot";
import { PriorityMark } from "../ui/icons";
import { later } from "../ui/later";
import { useActing, type Deed } from "./acting";
import type { Asked } from "./AskReason";
import { Told } from "./Told";

const AskReason = later(() => import("./parts").then((p) => p.AskReason));

/** One open alert with what can be done about it. */
export function AlertCard({ alert, board }: { alert: Alert; board: Board }) {
  const missing = lacks(alert);
  return (
    <section class={`alert alert-${priority(alert)}${unaccepted(alert) ? " has-unaccepted" : ""}`} data-alert={alert.id} data-state={alert.state}>
      <h3>
        <PriorityMark of={priority(alert)} /> {causes(alert, board.bed(alert.bed)?.tile.value.score)}
      </h3>
      <p>
        {t(`alert.priority.${priority(alert)}`)} · {t("alert.since", { time: clock(alert.raised) })}
      </p>
      <p>
        <b>{owner(alert)}</b>
        {[setOut(alert), plan(alert)].filter(Boolean).map((s) => ` · ${s}`)} {!missing && <Countdown alert={alert} words />}
      </p>
      {missing && (
        <p class="notice" data-lacks={alert.next}>
          <b class="sentence">{missing}</b> <Countdown alert={alert} words />
        </p>
      )}
      {snoozeEnds(alert, second.value) && <p class="notice">{t("alert.snooze_ends", { time: clock(alert.until) })}</p>}
      {unrostered(alert) && <p class="notice">{unrostered(alert)}</p>}
      <Told alert={alert} />
      {mayAct() && <Deeds alert={alert} board={board} />}
    </section>
  );
}

function Deeds({ alert, board }: { alert: Alert; board: Board }) {
  const acting = useActing(board);
  const asked = useSignal<Asked | null>(null);
  const still = acting.busy.value || board.link.value !== "live";
  const act = async (deed: Deed, extra?: { reason?: string; until?: number }) => {
    if (await acting.act(alert, deed, extra)) asked.value = null;
  };
  if (asked.value) return <AskReason asked={asked.value} still={still} at={now} send={(deed, extra) => void act(deed, extra)} cancel={() => (asked.value = null)} />;
  const ask = (deed: Asked) => (
    <button type="button" class="button" data-do={deed} disabled={still} onClick={() => (asked.value = deed)}>
      {t(`alert.do.${deed}`)}
    </button>
  );
  const own = accepted(alert);
  const there = alert.state === "at_bedside" && alert.bedside_by === session.value?.person.name;
  return (
    <div class="row">
      {asksMe(alert) && (
        <button type="button" class="button button-main" data-do="accept" disabled={still} onClick={() => void act("accept")}>
          {t("alert.do.accept")}
        </button>
      )}
      {own && !own.on_way && !there && (
        <button type="button" class="button" data-do="on_way" disabled={still} onClick={() => void act("on_way")}>
          {t("alert.do.on_way")}
        </button>
      )}
      {!there && (
        <button type="button" class="button" data-do="at_bedside" disabled={still} onClick={() => void act("at_bedside")}>
          {t("alert.do.at_bedside")}
        </button>
      )}
      {(asksMe(alert) || own) && ask("decline")}
      {alert.kind !== "technical" && ask("plan")}
      {ask("escalate")}
      {ask("snooze")}
      {ask("resolve")}
    </div>
  );
}
