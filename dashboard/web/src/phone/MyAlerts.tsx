import { useEffect } from "preact/hooks";
import { call } from "../app/api";
import { theme } from "../app/prefs";
import { go, goSignIn } from "../app/route";
import { session } from "../app/session";
import { byUrgency, causes, priority, unaccepted } from "../board/alerts";
import { lacks, owner, plan } from "../board/taken";
import { second } from "../live/clock";
import { tell } from "../sheet/acting";
import { bedName, clock } from "../text/format";
import { code, t } from "../text/locale";
import { Countdown } from "../tile/TileFoot";
import { Choice } from "../ui/Choice";
import { PriorityMark } from "../ui/icons";
import { Bar, Old } from "./Bar";
import type { Me, MyAlert } from "./contract";
import { useFollowed } from "./follow";
import { taken } from "./outbox";
import { Offers } from "./Offers";
import { look, unsubscribe } from "./push";
import { PushCard } from "./PushCard";
import { Unsent } from "./Unsent";

const every = 5000;
const meEvery = 60_000;

/** What is mine to answer, what I am on duty as, and whether this phone is told. */
export function MyAlerts() {
  const alerts = useFollowed<MyAlert[]>("/me/alerts", every);
  const me = useFollowed<Me>("/me", meEvery);
  useEffect(() => void (me.got && look(me.got)), [me.got]);
  useEffect(() => alerts.ask(), [taken.value]);
  const list = (alerts.got ?? []).toSorted((a, b) => Number(a.answered) - Number(b.answered) || byUrgency(a, b));
  return (
    <>
      <Bar title={t("phone.title")} />
      <main class="phone-main">
        <Old of={alerts} />
        <Unsent />
        {me.got && <Offers wards={[...new Set([...me.got.on_duty.map((s) => s.ward), ...(session.value?.person.wards ?? [])])].filter(Boolean)} />}
        <div class={alerts.lost ? "is-old-state" : ""}>
          {alerts.got === null && !alerts.lost && <p class="person">{t("app.loading_part")}</p>}
          {alerts.got !== null && list.length === 0 && <p class="phone-none">{t("phone.none")}</p>}
          <ul class="phone-alerts">
            {list.map((a) => (
              <Line key={a.id} alert={a} />
            ))}
          </ul>
        </div>
        <OnDuty me={me.got} />
        {me.got && <PushCard me={me.got} changed={me.ask} />}
        <End me={me.got} />
      </main>
    </>
  );
}

function Line({ alert: a }: { alert: MyAlert }) {
  const waits = unaccepted(a) && !a.answered;
  return (
    <li>
      <a class={`phone-alert alert-${priority(a)}${waits ? " has-unaccepted" : ""}`} href={`/phone/alert/${a.id}`} data-alert={a.id} data-state={a.state} onClick={(e) => { e.preventDefault(); go(`/phone/alert/${a.id}`); }}>
        <PriorityMark of={priority(a)} />
        <span class="phone-alert-words">
          <b>
            {a.bed ? t("board.bed", { bed: bedName(a.bed) }) : t("phone.system")} <small>{a.ward}</small>
          </b>
          <span>{causes(a, null)}</span>
          <span class="person">
            {a.answered ? t("phone.answered") + " · " : ""}
            {[owner(a), plan(a), lacks(a)].filter(Boolean).join(" · ")} <Countdown alert={a} words />
          </span>
        </span>
      </a>
    </li>
  );
}

function OnDuty({ me }: { me: Me | null }) {
  if (!me) return null;
  const shifts = me.on_duty ?? [];
  return (
    <section class="phone-card">
      <h2>{t("phone.on_duty")}</h2>
      {shifts.length === 0 && <p class="person">{t("phone.off_duty")}</p>}
      <ul>
        {shifts.map((s) => (
          <li key={s.role + s.ward}>
            <b class="sentence">{code("role", s.role)}</b> · {s.ward || t("roster.hospital")}
            {s.until !== null && ` · ${t("phone.until", { time: clock(s.until) })}`}
          </li>
        ))}
      </ul>
      <p class="person">{t("phone.now", { time: clock(second.value) })}</p>
    </section>
  );
}

function End({ me }: { me: Me | null }) {
  const leave = async () => {
    try {
      await unsubscribe(me); // another person's phone must not ring for this one
      await call("DELETE", "/session");
      session.value = null;
      goSignIn();
    } catch (e) {
      tell(e);
    }
  };
  return (
    <section class="phone-card">
      <Choice label={t("board.theme")} value={theme.value} choose={(v) => (theme.value = v)} of={(["auto", "light", "dark"] as const).map((v) => [v, t(`board.theme.${v}`)])} />
      <p>{session.value && t("signin.signed_in_as", { name: session.value.person.name })}</p>
      <div class="row">
        <a class="button" href="/">
          {t("phone.to_board")}
        </a>
        <button type="button" class="button" onClick={() => void leave()}>
          {t("phone.switch")}
        </button>
      </div>
    </section>
  );
}
