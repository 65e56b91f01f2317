import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../app/api";
import { fiveSeconds } from "../live/clock";
import { bedName, clock, moment } from "../text/format";
import { code, knows, lang, t } from "../text/locale";
import { flagText } from "../tile/flags";
import type { Digest, DigestPatient } from "./contract";

/** The shift of the named patients, to be read before they change hands. */
export function DigestView({ ward, role, stays }: { ward: string; role: string; stays: string[] }) {
  const got = useSignal<Digest | null>(null);
  const failed = useSignal(false);
  const speaking = lang.value;
  useEffect(() => {
    call<Digest>("GET", `/wards/${encodeURIComponent(ward)}/handover-digest?role=${encodeURIComponent(role)}&lang=${speaking}`).then(
      (d) => (got.value = d),
      () => (failed.value = true),
    );
  }, [ward, role, speaking]);
  if (failed.value) return <p class="notice">{t("digest.failed")}</p>;
  if (!got.value) return <p class="person">{t("app.loading_part")}</p>;
  const patients = got.value.patients.filter((p) => stays.includes(p.stay));
  return (
    <section class="digest">
      <h4>{t("digest.heading", { time: clock(got.value.at) })}</h4>
      {patients.length === 0 && <p class="person">{t("digest.none")}</p>}
      <ul>
        {patients.map((p) => (
          <Patient key={p.stay} of={p} />
        ))}
      </ul>
    </section>
  );
}

function Patient({ of: p }: { of: DigestPatient }) {
  const now = fiveSeconds.value;
  const facts = [
    p.last_set ? t("digest.last_set", { time: moment(p.last_set, now) }) : "",
    p.next_set ? t(p.next_set < now ? "digest.set_missed" : "digest.next_set", { time: moment(p.next_set, now) }) : "",
    p.care ? code("stay.care_hint", p.care) : "",
  ];
  return (
    <li>
      <p>
        <b>{bedName(p.label || p.bed)}</b> {p.name} <span class={`digest-score band-${p.band}`}>{p.points === null ? "–" : `${p.at_least ? "≥" : ""}${p.points}`}</span>
      </p>
      {p.alert && (
        <p class="notice">
          {code("alert.state", p.alert.state)}
          {p.alert.since ? ` · ${t("alert.since", { time: clock(p.alert.since) })}` : ""}
          {p.alert.owner && ` · ${p.alert.owner}`}
        </p>
      )}
      {facts.some(Boolean) && <p class="small">{facts.filter(Boolean).join(" · ")}</p>}
      {p.limits.length > 0 && <p class="small">{p.limits.join(" · ")}</p>}
      {p.tasks.length > 0 && <p>{`${t("digest.tasks")}: ${p.tasks.map(task).join(" · ")}`}</p>}
      {p.events.length > 0 && (
        <ol class="phone-steps">
          {p.events.map((e, i) => (
            <li key={i}>
              <time>{clock(e.at)}</time> {e.text}
            </li>
          ))}
        </ol>
      )}
    </li>
  );
}

function task(c: string): string {
  return knows("digest.task", c) ? code("digest.task", c) : flagText(c);
}
