import { useSignal } from "@preact/signals";
import { call } from "../app/api";
import { session } from "../app/session";
import type { Board } from "../live/board";
import { fiveSeconds } from "../live/clock";
import { tell } from "../sheet/acting";
import { bedName, moment } from "../text/format";
import { code, t } from "../text/locale";
import { Sheet } from "../ui/Sheet";
import { say } from "../ui/toast";
import type { HandOver } from "./contract";
import { DigestView } from "./Digest";
import { askDuty, handOvers, incoming } from "./duty";
import { OfferForm } from "./OfferForm";
import { inCharge } from "./staff";

/** Patients given to the next shift: what is offered to me, what I offer, and what became of the last ones. */
export function HandOvers({ board, close }: { board: Board; close(): void }) {
  const offering = useSignal(false);
  const me = session.value?.person.id;
  const own = handOvers.value.filter((h) => h.state === "offered" && h.to.id !== me && (h.from.id === me || inCharge()));
  const past = handOvers.value.filter((h) => h.state !== "offered");
  if (offering.value) {
    const back = () => (offering.value = false);
    return (
      <Sheet title={t("handover.offer")} close={close} back={back}>
        <OfferForm board={board} done={back} />
      </Sheet>
    );
  }
  return (
    <Sheet title={t("handover.title")} close={close}>
      {incoming().map((h) => (
        <Incoming key={h.id} board={board} of={h} />
      ))}
      {own.map((h) => (
        <article key={h.id} class="handover">
          <Head of={h} />
          <div class="row">
            <button type="button" class="button" onClick={() => void answer(h, "withdrawn", "")}>
              {t("handover.withdraw")}
            </button>
          </div>
        </article>
      ))}
      {incoming().length + own.length === 0 && <p class="person">{t("handover.none")}</p>}
      <p>
        <button type="button" class="button button-main" onClick={() => (offering.value = true)}>
          {t("handover.offer")}
        </button>
      </p>
      {past.length > 0 && (
        <section>
          <h3>{t("handover.past")}</h3>
          <ul class="handover-past">
            {past.map((h) => (
              <li key={h.id}>
                {moment(h.answered ?? h.offered, fiveSeconds.value)} · {h.from.name} → {h.to.name} · {code("handover.state", h.state)}
                {h.reason && ` (${h.reason})`}
              </li>
            ))}
          </ul>
        </section>
      )}
    </Sheet>
  );
}

async function answer(h: HandOver, state: "accepted" | "declined" | "withdrawn", reason: string): Promise<boolean> {
  try {
    await call("POST", `/handovers/${encodeURIComponent(h.id)}/answer`, { state, reason });
    say(t(`handover.said.${state}`));
    return true;
  } catch (e) {
    tell(e);
    return false;
  } finally {
    askDuty();
  }
}

function Head({ of: h }: { of: HandOver }) {
  return (
    <>
      <h3>
        {h.from.name} → {h.to.name}
      </h3>
      <p class="person">{`${code("role", h.role)} · ${moment(h.offered, fiveSeconds.value)} · ${t("board.patients", { n: h.stays.length })}`}</p>
      <ul class="handover-stays">
        {h.stays.map((s) => (
          <li key={s.id}>
            <b>{bedName(s.bed)}</b> {s.name}
          </li>
        ))}
      </ul>
      {h.note && <p class="handover-note">{h.note}</p>}
    </>
  );
}

/** An offer to me: the patients' last hours are read before it is accepted. */
function Incoming({ board, of: h }: { board: Board; of: HandOver }) {
  const declining = useSignal(false);
  const reason = useSignal("");
  const busy = useSignal(false);
  const send = async (state: "accepted" | "declined") => {
    busy.value = true;
    await answer(h, state, reason.value.trim());
    busy.value = false;
  };
  return (
    <article class="handover is-mine" data-handover={h.id}>
      <p class="notice">{t("handover.for_you")}</p>
      <Head of={h} />
      <DigestView ward={board.ward} role={h.role} stays={h.stays.map((s) => s.id)} />
      {declining.value ? (
        <form class="row" onSubmit={(e) => { e.preventDefault(); if (reason.value.trim()) void send("declined"); }}>
          <input aria-label={t("handover.why_not")} placeholder={t("handover.why_not")} maxLength={200} value={reason.value} onInput={(e) => (reason.value = e.currentTarget.value)} />
          <button type="submit" class="button" disabled={busy.value || !reason.value.trim()}>
            {t("alert.do.decline")}
          </button>
          <button type="button" class="button" onClick={() => (declining.value = false)}>
            {t("sheet.cancel")}
          </button>
        </form>
      ) : (
        <div class="row">
          <button type="button" class="button button-main" data-do="accept" disabled={busy.value} onClick={() => void send("accepted")}>
            {t("handover.accept")}
          </button>
          <button type="button" class="button" data-do="decline" disabled={busy.value} onClick={() => (declining.value = true)}>
            {t("alert.do.decline")}
          </button>
        </div>
      )}
    </article>
  );
}
