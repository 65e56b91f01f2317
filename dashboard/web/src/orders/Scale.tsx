import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../app/api";
import { isClinical, mayOrder } from "../app/session";
import { fiveSeconds } from "../live/clock";
import type { Stay, StayRecord, Tile } from "../live/contract";
import { tell } from "../sheet/acting";
import { change } from "../sheet/stays";
import { moment } from "../text/format";
import { t } from "../text/locale";
import { Field } from "../ui/Field";

/** The order of the SpO2 scale: who, why and since when; a doctor looks at it again each day. */
export function Scale({ tile, stay }: { tile: Tile; stay: Stay }) {
  const record = useSignal<StayRecord | null>(null);
  const asked = useSignal<1 | 2 | null>(null);
  const two = stay.scale === 2;
  useEffect(() => {
    if (!two || !isClinical()) return;
    call<StayRecord>("GET", `/stays/${encodeURIComponent(stay.id)}`).then((r) => (record.value = r), tell);
  }, [stay.id, two]);
  if (!two && (!mayOrder() || tile.score?.refused)) return null;
  const due = tile.score?.flags.some((f) => f.code === "scale2_review");
  const scale = record.value?.scale;
  const order = async (number: 1 | 2, reason: string) => {
    if (!(await change(stay.id, "scale", { number, reason }))) return;
    asked.value = null;
    if (number === 2) call<StayRecord>("GET", `/stays/${encodeURIComponent(stay.id)}`).then((r) => (record.value = r), tell);
  };
  return (
    <section>
      <h3>{t("scale.heading")}</h3>
      <p>{two ? t("stay.scale2_hint") : t("scale.one")}</p>
      {two && scale && <p class="order-by">{[scale.prescriber, scale.reason, scale.since ? t("alert.since", { time: moment(scale.since, fiveSeconds.value) }) : ""].filter(Boolean).join(" · ")}</p>}
      {due && <p class="notice">{t("cause.scale2_review")}</p>}
      {mayOrder() && asked.value === null && (
        <div class="row">
          <button type="button" class={`button${due ? " button-main" : ""}`} onClick={() => (asked.value = 2)}>
            {two ? t("scale.review") : t("scale.to2")}
          </button>
          {two && (
            <button type="button" class="button" onClick={() => (asked.value = 1)}>
              {t("scale.to1")}
            </button>
          )}
        </div>
      )}
      {asked.value && <Why number={asked.value} before={two && asked.value === 2 ? (scale?.reason ?? "") : ""} send={order} cancel={() => (asked.value = null)} />}
    </section>
  );
}

/** The reason of an order; a review begins with the reason that stands. */
function Why(p: { number: 1 | 2; before: string; send(n: 1 | 2, reason: string): Promise<void>; cancel(): void }) {
  const reason = useSignal(p.before);
  const tried = useSignal(false);
  const submit = () => {
    tried.value = true;
    if (reason.value.trim()) void p.send(p.number, reason.value.trim());
  };
  return (
    <form class="form" noValidate onSubmit={(e) => { e.preventDefault(); submit(); }}>
      {p.number === 2 && <p>{t("scale.only")}</p>}
      <Field name="scale_reason" label={t("limit.reason")} value={reason.value} input={(v) => (reason.value = v)} error={tried.value && !reason.value.trim() ? t("move.required") : ""} />
      <div class="row">
        <button type="submit" class="button button-main">
          {t(p.number === 1 ? "scale.to1" : p.before ? "scale.review" : "scale.to2")}
        </button>
        <button type="button" class="button" onClick={p.cancel}>
          {t("sheet.cancel")}
        </button>
      </div>
    </form>
  );
}
