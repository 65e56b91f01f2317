import { signal, useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Risks } from "../assess/Risks";
import { rowText } from "../assess/words";
import { session } from "../app/session";
import { causes, priority, unaccepted } from "../board/alerts";
import { lacks, owner, plan, setOut, unrostered } from "../board/taken";
import { findingName, scoreText, standing } from "../imaging/words";
import { fiveSeconds, second } from "../live/clock";
import type { Alert } from "../live/contract";
import { Working } from "../sheet/Working";
import { age, bedName, clock, span } from "../text/format";
import { code, t } from "../text/locale";
import { Countdown } from "../tile/TileFoot";
import { PriorityMark } from "../ui/icons";
import { Bar, Old } from "./Bar";
import { Buttons } from "./Buttons";
import type { AlertPage, PageStay } from "./contract";
import { Done } from "./Done";
import { useFollowed, type Followed } from "./follow";
import { IsbarCard } from "./IsbarCard";
import { deposit, taken } from "./outbox";
import { limitsOf, tileOf } from "./tile";
import { Course } from "./Course";
import { Unsent } from "./Unsent";

const every = 5000;
/** How often the whole is asked for while nothing happens to the alert. */
const wholeEvery = 30_000;

/** One alert with what is needed to act on it: who, why, since when, what to say, and what to press. */
export function AlertScreen({ id }: { id: string }) {
  const path = `/alerts/${encodeURIComponent(id)}`;
  const page = useFollowed<AlertPage>(`${path}/page`, wholeEvery);
  const alert = useFollowed<Alert>(path, every);
  useEffect(() => {
    if (alert.got && page.got && alert.got.version !== page.got.alert.version) page.ask();
  }, [alert.got]);
  useEffect(() => {
    alert.ask();
    page.ask();
  }, [taken.value]);
  useSeen(page.got);
  if (page.refused || alert.refused) return <Refused />;
  const got = page.got;
  if (!got) return <Opening of={page} />;
  const now = alert.got && alert.got.version >= got.alert.version ? { ...got.alert, ...alert.got } : got.alert;
  const link: Followed<unknown> = page.lost || alert.lost ? { ...alert, lost: true, heard: Math.max(alert.heard, page.heard) } : alert;
  return (
    <>
      <Bar title={<Place alert={now} stay={got.stay} />} back="/phone" />
      <main class={`phone-main${link.lost ? " is-old-state" : ""}`}>
        <Old of={link} />
        <Unsent />
        <Situation alert={now} page={got} />
        {got.isbar && <IsbarCard isbar={got.isbar} />}
        {got.score && <Working tile={tileOf(got)} limits={signal(limitsOf(got.score))} />}
        <Course since={got.since} />
        <Findings page={got} />
        <Risks risks={got.risks ?? []} at={fiveSeconds.value} />
        <Done page={got} alert={now} />
        {now.bed && (
          <a class="button" href={`/board/${now.ward}?bed=${encodeURIComponent(now.bed)}`}>
            {t("phone.open_board")}
          </a>
        )}
      </main>
      <Buttons alert={now} may={got.may} label={got.stay?.label ?? now.bed} />
    </>
  );
}

// To have opened the page is to have seen the alert: the record says so, once.
function useSeen(page: AlertPage | null): void {
  const seen = useSignal("");
  useEffect(() => {
    if (!page || document.hidden) return;
    const { alert } = page;
    const which = `${alert.id} ${alert.level}`;
    if (seen.peek() === which || !["active", "delivered"].includes(alert.state) || session.peek()?.person.access === "display") return;
    seen.value = which;
    deposit(alert, "see", alert.bed);
  }, [page]);
}

function Refused() {
  return (
    <>
      <Bar title={t("phone.title")} back="/phone" />
      <main class="phone-main">
        <p class="notice">{t("phone.not_yours")}</p>
      </main>
    </>
  );
}

function Opening({ of }: { of: Followed<unknown> }) {
  return (
    <>
      <Bar title={t("phone.title")} back="/phone" />
      <main class="phone-main">
        <Old of={of} />
        {of.lost ? <p class="notice">{t("phone.nothing_kept")}</p> : <p class="person">{t("app.loading_part")}</p>}
        <Unsent />
      </main>
    </>
  );
}

function Place({ alert, stay }: { alert: Alert; stay: PageStay | null }) {
  if (!alert.bed) return <>{t("phone.system")}</>;
  return (
    <>
      {t("board.bed", { bed: bedName(stay?.label ?? alert.bed) })} <small>{alert.ward}</small>
    </>
  );
}

/** Who, how bad, why, and whose turn it is. */
function Situation({ alert, page }: { alert: Alert; page: AlertPage }) {
  const { stay, score } = page;
  const missing = lacks(alert);
  const facts = stay ? [stay.age !== null ? t("stay.age", { n: stay.age }) : "", stay.sex ? code("stay.sex", stay.sex) : "", stay.scale === 2 ? t("stay.scale2_hint") : "", stay.care ? code("stay.care_hint", stay.care) : ""] : [];
  return (
    <section class={`phone-now alert-${priority(alert)}${unaccepted(alert) ? " has-unaccepted" : ""}`} data-alert={alert.id} data-state={alert.state}>
      {stay && (
        <p class="phone-who">
          <b>{stay.name}</b> <span>{facts.filter(Boolean).join(" · ")}</span>
        </p>
      )}
      {score && !score.refused && (
        <p class={`phone-score band-${score.band}`}>
          <b>{score.have === 0 ? "?" : score.complete ? score.total : `≥${score.lower_bound}`}</b>
          <span>
            {score.have}/{score.need} · {code("band", score.band)}
            {score.held && ` · ${t("score.held")}`}
            {score.at !== null && <small> {t("phone.scored", { age: age(fiveSeconds.value - score.at, true) })}</small>}
          </span>
        </p>
      )}
      <p class="phone-cause">
        <PriorityMark of={priority(alert)} /> <b>{causes(alert, score)}</b>
      </p>
      <p class="phone-clock">
        {alert.told !== null && t("phone.told_ago", { time: span(second.value - alert.told) })}
        {!missing && <Due alert={alert} />}
      </p>
      <p>
        <b>{owner(alert)}</b>
        {setOut(alert) && ` · ${setOut(alert)}`}
      </p>
      {plan(alert) && (
        <p>
          <b>{plan(alert)}</b> {planned(page)}
        </p>
      )}
      {missing && (
        <p class="notice" data-lacks={alert.next}>
          <b class="sentence">{missing}</b>
          <Due alert={alert} />
        </p>
      )}
      {page.apart && <p class="notice is-urgent">{code("apart", page.apart)}</p>}
      {unrostered(alert) && <p class="notice">{unrostered(alert)}</p>}
    </section>
  );
}

// What the plan is: the record has it behind the duty of whoever made it.
function planned({ alert }: AlertPage): string {
  const said = (alert.timeline ?? []).findLast((s) => s.deed === "alert.plan")?.detail ?? "";
  const reason = said.slice(said.indexOf(": ") + 2);
  return said.includes(": ") ? `· ${code("reason", reason)}` : "";
}

function Due({ alert }: { alert: Alert }) {
  return (
    <>
      {due(alert) && ` · ${due(alert)}`} <Countdown alert={alert} words />
    </>
  );
}

// By when something has to happen.
function due(a: Alert): string {
  if (a.next_at === null) return "";
  const time = clock(a.next_at);
  if (a.next === "accept") return t("phone.accept_by", { time });
  if (a.next === "bedside") return t("phone.bedside_by", { time });
  if (a.next === "confirm") return t("phone.confirm_by", { time });
  if (a.next === "review") return t("phone.review_at", { time });
  return "";
}

/** What imaging and the respiratory view say. */
function Findings({ page }: { page: AlertPage }) {
  const found = (page.findings ?? []).filter((f) => f.there && !f.withdrawn);
  const rows = page.respiratory?.rows ?? [];
  if (found.length + rows.length === 0) return null;
  return (
    <section>
      <h2>{t("phone.findings")}</h2>
      <ul class="phone-findings">
        {rows.map((r) => (
          <li key={r.code} class={r.unread ? "is-unread" : ""}>
            {rowText(r, [])}
            {r.unread && <small>{t("resp.unread")}</small>}
          </li>
        ))}
        {found.map((f) => (
          <li key={f.id} class={f.unread ? "is-unread" : ""}>
            <b>{findingName(f)}</b> <small>{[standing(f, fiveSeconds.value), scoreText(f)].filter(Boolean).join(" · ")}</small>
          </li>
        ))}
      </ul>
    </section>
  );
}
