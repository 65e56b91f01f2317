import { mayOrder } from "../app/session";
import { fiveSeconds } from "../live/clock";
import type { Limit, Stay } from "../live/contract";
import { tell } from "../sheet/acting";
import { age, moment } from "../text/format";
import { t } from "../text/locale";
import { DiamondIcon } from "../ui/icons";
import { say } from "../ui/toast";
import { measure, vitalName } from "../tile/vitals";
import { end, order, rangeOf } from "./limits";

/** Limits that a doctor ordered for this person, and when each lapses. */
export function Limits({ stay, add }: { stay: Stay; add(): void }) {
  const at = fiveSeconds.value;
  const inForce = stay.limits.filter((l) => (l.until ?? 0) > at);
  if (inForce.length === 0 && !mayOrder()) return null;
  return (
    <section>
      <h3>{t("limit.heading")}</h3>
      <ul class="orders">
        {inForce.map((l) => (
          <Ordered key={l.vital} limit={l} stay={stay.id} at={at} />
        ))}
      </ul>
      {mayOrder() && (
        <p class="row">
          <button type="button" class="button" onClick={add}>
            {t("limit.set")}
          </button>
        </p>
      )}
    </section>
  );
}

function Ordered({ limit: l, stay, at }: { limit: Limit; stay: string; at: number }) {
  const facts = [rangeOf(l), l.usual !== null && t("limit.usual_is", { usual: measure(l.vital, l.usual) })].filter(Boolean).join(" · ");
  return (
    <li class="order">
      <div>
        <p>
          <DiamondIcon /> <b>{vitalName(l.vital)}</b> {facts}
        </p>
        <p class="order-by">{[l.by, l.reason].filter(Boolean).join(" · ")}</p>
        {l.until !== null && <p class="order-by">{t("limit.ends", { age: age(l.until - at), time: moment(l.until, at) })}</p>}
      </div>
      {mayOrder() && (
        <button type="button" class="button" aria-label={`${t("limit.end")}: ${vitalName(l.vital)}`} onClick={() => void stop(stay, l)}>
          {t("limit.end")}
        </button>
      )}
    </li>
  );
}

// Ends the order, and offers it again as it was for a minute.
async function stop(stay: string, l: Limit): Promise<void> {
  try {
    await end(stay, l.vital);
    say(t("limit.ended"), "good", () => void order(stay, l).then(() => say(t("sheet.undone")), tell));
  } catch (e) {
    tell(e);
  }
}
