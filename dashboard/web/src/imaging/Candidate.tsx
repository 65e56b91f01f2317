import { useSignal } from "@preact/signals";
import { fiveSeconds } from "../live/clock";
import { code, t } from "../text/locale";
import { differing, marks, type Mark } from "./compare";
import type { Guess, Identity } from "./contract";
import { ReasonForm } from "./ReasonForm";
import { when } from "./words";

interface Props {
  claim: Identity;
  stay: Guess;
  label: string;
  busy: boolean;
  /** With an empty reason where nothing contradicts. */
  assign(reason: string): void;
}

/**
 * A person whose results these may be, held against what the results say. One tap gives them where nothing
 * contradicts; else the reason is asked for.
 */
export function Candidate({ claim, stay, label, busy, assign }: Props) {
  const asked = useSignal(false);
  const differ = differing(claim, stay);
  const unlike = differ.length > 0 || !claim.hospital_id;
  return (
    <div class="candidate" data-stay={stay.stay}>
      <h4>
        {label} · {stay.name}
      </h4>
      <p class="small">{t(stay.ended === null ? "worklist.here" : "worklist.gone", { from: when(stay.admitted, fiveSeconds.value), to: when(stay.ended, fiveSeconds.value) })}</p>
      <dl class="identity">
        {marks.map((m) => (
          <div key={m} class={differ.includes(m) ? "is-differing" : ""}>
            <dt>{t(`worklist.mark.${m}`)}</dt>
            <dd>
              {stay[m] ? markText(m, stay[m]) : t("worklist.not_known")}
              {differ.includes(m) && <b>{t("worklist.differs")}</b>}
            </dd>
          </div>
        ))}
      </dl>
      {asked.value ? (
        <ReasonForm label={t("worklist.why_theirs")} deed={t("worklist.assign")} busy={busy} send={assign} />
      ) : (
        <div class="row">
          <button type="button" class={`button${unlike ? "" : " button-main"}`} aria-label={`${t("worklist.assign")}: ${label}`} disabled={busy} onClick={() => (unlike ? (asked.value = true) : assign(""))}>
            {t("worklist.assign")}
          </button>
        </div>
      )}
    </div>
  );
}

/** One mark of a person as people write it. */
export function markText(mark: Mark, value: string): string {
  if (mark === "sex") return code("stay.sex", value);
  if (mark === "birth_date") return value.split("-").reverse().join("/");
  return mark === "name" ? value.replaceAll("^", " ").trim() : value;
}
