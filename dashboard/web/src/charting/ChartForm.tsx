import { useSignal, type Signal } from "@preact/signals";
import { ApiError, call } from "../app/api";
import { fiveSeconds, now } from "../live/clock";
import type { ObservationReply, PartialReason, Tile } from "../live/contract";
import { clock } from "../text/format";
import { code, t } from "../text/locale";
import { tell } from "../sheet/acting";
import { Save } from "../sheet/moves";
import { Choice } from "../ui/Choice";
import { say } from "../ui/toast";
import { Measured } from "./Measured";
import { Numbers } from "./Numbers";
import { Reason } from "./Reason";
import { collect, devices, distresses, empty, faults, levels, missing, needsOf, onOxygen, untake, type Draft } from "./set";
import { When } from "./When";
import { backEntry, lastAt } from "./time";

/**
 * Charts a set of observations. Consciousness and oxygen are never filled in beforehand: they must be
 * looked at each time. A set that lacks something says why.
 */
export function ChartForm({ tile, limits, done }: { tile: Tile; limits: Record<string, number>; done(): void }) {
  const draft = useSignal<Draft>(empty);
  const earlier = useSignal<string | null>(null); // the time as typed; null: now
  const worried = useSignal(false);
  const tried = useSignal(false);
  const busy = useSignal(false);
  const asking = useSignal<string[] | null>(null); // what the set lacks, while that is asked about
  const needs = needsOf(tile);
  const monitored = !!tile.device;

  const submit = () => {
    tried.value = true;
    const wrong = faults(draft.value)[0] ?? (earlier.value !== null && lastAt(earlier.value, now()) === null ? "time" : "");
    if (wrong) return document.getElementById("field-" + wrong)?.focus();
    const values = collect(draft.value);
    if (Object.keys(values).length === 0) return say(t("chart.nothing"), "bad");
    const lacks = missing(needs, values);
    if (lacks.length > 0) asking.value = lacks;
    else void save();
  };
  const save = async (partial?: PartialReason) => {
    if (busy.peek()) return;
    busy.value = true;
    try {
      const at = earlier.value === null ? {} : { at: lastAt(earlier.value, now()) };
      const kept = await call<ObservationReply>("POST", `/stays/${encodeURIComponent(tile.stay?.id ?? "")}/observations`, {
        ...at,
        values: collect(draft.value),
        ...(partial ? { partial } : {}),
        ...(worried.value ? { worried: true } : {}),
      });
      say(kept.taken === "afterwards" ? t("chart.afterwards", { time: clock(kept.at) }) : t("sheet.saved"));
      done();
    } catch (e) {
      tell(e);
      // The server knows the person's chart best: what it misses is asked for all the same.
      if (e instanceof ApiError && e.status === 400 && !partial) asking.value = [];
    } finally {
      busy.value = false;
    }
  };

  if (asking.value) {
    return (
      <>
        <Afterwards typed={earlier.value} />
        <Reason lacks={asking.value} monitored={monitored} busy={busy.value} choose={(r) => void save(r)} back={() => (asking.value = null)} />
      </>
    );
  }
  const looked = <Looked key="looked" draft={draft} needs={needs} tried={tried.value} />;
  const numbers = <Numbers key="numbers" draft={draft} tile={tile} limits={limits} tried={tried.value} confirmable={monitored && earlier.value === null} />;
  return (
    <form class="form" noValidate onSubmit={(e) => { e.preventDefault(); submit(); }}>
      <When typed={earlier} tried={tried.value} change={() => (draft.value = untake(draft.value))} />
      <Afterwards typed={earlier.value} />
      {monitored ? [looked, numbers] : [numbers, looked]}
      <label class="check">
        <input type="checkbox" checked={worried.value} onChange={(e) => (worried.value = e.currentTarget.checked)} />
        <span>{t("chart.worried")}</span>
      </label>
      <Save busy={busy.value} />
    </form>
  );
}

/** Says before saving what becomes of a set of some time ago. */
function Afterwards({ typed }: { typed: string | null }) {
  const at = typed === null ? null : lastAt(typed, fiveSeconds.value);
  if (at === null || fiveSeconds.value - at <= backEntry) return null;
  return <p class="notice">{t("chart.back_entry", { time: clock(at) })}</p>;
}

/** What a person looks at, and no monitor measures. */
function Looked({ draft, needs, tried }: { draft: Signal<Draft>; needs: string[]; tried: boolean }) {
  const d = draft.value;
  const put = (part: Partial<Draft>) => (draft.value = { ...draft.value, ...part });
  return (
    <>
      <Choice
        tall
        label={t("chart.consciousness")}
        hint={t("chart.consciousness_hint")}
        value={d.consciousness}
        choose={(consciousness) => put({ consciousness })}
        of={levels.map((l, i) => [l, `${l} – ${code("acvpu", String(i))}`])}
      />
      <Choice tall label={t("chart.oxygen")} value={d.device} choose={(device) => put({ device })} of={devices.map((v, i) => [v, code("o2", String(i))])} />
      {onOxygen(d) && (
        <div class="pair">
          <Measured name="o2_flow" draft={draft} tried={tried} />
          <Measured name="fio2" draft={draft} tried={tried} />
        </div>
      )}
      {needs.includes("resp_distress") && (
        <Choice tall label={t("vital.resp_distress")} value={d.distress} choose={(distress) => put({ distress })} of={distresses.map((v, i) => [v, code("distress", String(i))])} />
      )}
      <div class="pair">
        <Measured name="temp" draft={draft} tried={tried} />
        {needs.includes("cap_refill") && <Measured name="cap_refill" draft={draft} tried={tried} />}
      </div>
    </>
  );
}
