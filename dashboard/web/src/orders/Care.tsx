import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../app/api";
import { isClinical, mayOrder } from "../app/session";
import { fiveSeconds, now } from "../live/clock";
import type { Stay, StayRecord } from "../live/contract";
import { tell } from "../sheet/acting";
import { change } from "../sheet/stays";
import { moment } from "../text/format";
import { t } from "../text/locale";

/** How far treatment goes. Comfort care has a date by which a doctor looks at it again. */
const statuses = ["", "ceilings", "comfort"] as const;
type Status = (typeof statuses)[number];

/** After how many hours an order of comfort care is looked at again; the first is offered. */
const reviews = [24, 48, 72];

/** A doctor's order of how far treatment goes: who gave it and when, and until when it is looked at again. */
export function Care({ stay }: { stay: Stay }) {
  const record = useSignal<StayRecord | null>(null);
  const asked = useSignal(false);
  const status = useSignal<Status>(stay.care as Status);
  const hours = useSignal(reviews[0]!);
  useEffect(() => {
    if (!isClinical() || !stay.care) return;
    call<StayRecord>("GET", `/stays/${encodeURIComponent(stay.id)}`).then((r) => (record.value = r), tell);
  }, [stay.id, stay.care]);
  if (!stay.care && !mayOrder()) return null;
  const care = record.value?.care;
  const send = async () => {
    const review = status.value === "comfort" ? Math.round(now() + hours.value * 3_600_000) : undefined;
    if (await change(stay.id, "care", { status: status.value, review })) asked.value = false;
  };
  return (
    <section data-care={stay.care}>
      <h3>{t("care.heading")}</h3>
      <p>{t(stay.care === "comfort" ? "care.comfort" : stay.care === "ceilings" ? "care.ceilings" : "care.full")}</p>
      {stay.care && care && <p class="order-by">{[care.by, care.since ? t("alert.since", { time: moment(care.since, fiveSeconds.value) }) : "", care.review ? t("care.review_at", { time: moment(care.review, fiveSeconds.value) }) : ""].filter(Boolean).join(" · ")}</p>}
      {mayOrder() && !asked.value && (
        <button type="button" class="button" data-do="care" onClick={() => ((status.value = stay.care as Status), (asked.value = true))}>
          {t("care.change")}
        </button>
      )}
      {asked.value && (
        <fieldset class="reason">
          <legend>{t("care.heading")}</legend>
          {statuses.map((s) => (
            <label key={s} class="row">
              <input type="radio" name="care" value={s} checked={status.value === s} onChange={() => (status.value = s)} />
              {t(s === "comfort" ? "care.comfort" : s === "ceilings" ? "care.ceilings" : "care.full")}
            </label>
          ))}
          {status.value === "comfort" && (
            <div class="row">
              <span>{t("care.review")}</span>
              {reviews.map((n) => (
                <button key={n} type="button" class="button" aria-pressed={hours.value === n} onClick={() => (hours.value = n)}>
                  {t("care.hours", { n })}
                </button>
              ))}
            </div>
          )}
          <div class="row">
            <button type="button" class="button button-main" data-do="care-order" onClick={() => void send()}>
              {t("care.order")}
            </button>
            <button type="button" class="button" onClick={() => (asked.value = false)}>
              {t("sheet.cancel")}
            </button>
          </div>
        </fieldset>
      )}
    </section>
  );
}
