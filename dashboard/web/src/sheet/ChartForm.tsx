import { useSignal } from "@preact/signals";
import { call } from "../app/api";
import { parseNumber } from "../text/format";
import { code, t, type Key } from "../text/locale";
import { Choice } from "../ui/Choice";
import { Field } from "../ui/Field";
import { say } from "../ui/toast";
import { tell } from "./acting";
import { Save } from "./moves";

const levels = ["A", "C", "V", "P", "U"] as const;
const devices = ["room_air", "nasal_cannula", "simple_mask", "venturi", "non_rebreather", "hfnc", "cpap", "niv", "ventilator"] as const;

type Level = (typeof levels)[number];
type Device = (typeof devices)[number];

/** Range in which a typed number is taken at all, and what is said outside it. */
const ranges = {
  temp: { low: 20, high: 45, wrong: "chart.bad_temp" },
  o2_flow: { low: 0, high: 80, wrong: "chart.bad_flow" },
  fio2: { low: 21, high: 100, wrong: "chart.bad_fio2" },
} as const satisfies Record<string, { low: number; high: number; wrong: Key }>;

type NumberName = keyof typeof ranges;

/**
 * Charts what no monitor measures. Nothing is filled in beforehand: consciousness and oxygen must be
 * looked at each time.
 */
export function ChartForm({ stay, done }: { stay: string; done(): void }) {
  const consciousness = useSignal<Level | "">("");
  const device = useSignal<Device | "">("");
  const typed = useSignal<Record<NumberName, string>>({ temp: "", o2_flow: "", fio2: "" });
  const worried = useSignal(false);
  const tried = useSignal(false);
  const set = (k: NumberName) => (v: string) => (typed.value = { ...typed.value, [k]: v });
  const error = (k: NumberName) => (tried.value && wrong(k, typed.value[k]) ? t(ranges[k].wrong) : "");
  const onOxygen = device.value !== "" && device.value !== "room_air";

  const submit = async () => {
    tried.value = true;
    if ((Object.keys(ranges) as NumberName[]).some((k) => wrong(k, typed.value[k]))) return;
    const values = collect(consciousness.value, device.value, typed.value, onOxygen);
    if (Object.keys(values).length === 0) return say(t("chart.nothing"), "bad");
    try {
      await call("POST", `/stays/${encodeURIComponent(stay)}/observations`, {
        values,
        partial: "monitored",
        ...(worried.value ? { worried: true } : {}),
      });
      say(t("sheet.saved"));
      done();
    } catch (e) {
      tell(e);
    }
  };
  return (
    <form class="form" noValidate onSubmit={(e) => { e.preventDefault(); void submit(); }}>
      <Choice
        tall
        label={t("chart.consciousness")}
        hint={t("chart.consciousness_hint")}
        value={consciousness.value}
        choose={(v) => (consciousness.value = v)}
        of={levels.map((l, i) => [l, `${l} – ${code("acvpu", String(i))}`])}
      />
      <Choice tall label={t("chart.oxygen")} value={device.value} choose={(v) => (device.value = v)} of={devices.map((d, i) => [d, code("o2", String(i))])} />
      {onOxygen && (
        <div class="pair">
          <Field name="o2_flow" label={t("chart.flow")} mode="decimal" value={typed.value.o2_flow} input={set("o2_flow")} error={error("o2_flow")} />
          <Field name="fio2" label={t("chart.fio2")} mode="decimal" value={typed.value.fio2} input={set("fio2")} error={error("fio2")} />
        </div>
      )}
      <Field name="temp" label={t("chart.temp")} mode="decimal" value={typed.value.temp} input={set("temp")} error={error("temp")} />
      <label class="check">
        <input type="checkbox" checked={worried.value} onChange={(e) => (worried.value = e.currentTarget.checked)} />
        <span>{t("chart.worried")}</span>
      </label>
      <Save />
    </form>
  );
}

function wrong(k: NumberName, text: string): boolean {
  if (!text.trim()) return false;
  const v = parseNumber(text);
  return !(v >= ranges[k].low && v <= ranges[k].high);
}

function collect(level: Level | "", device: Device | "", typed: Record<NumberName, string>, onOxygen: boolean): Record<string, string | number> {
  const values: Record<string, string | number> = {};
  if (level) values["consciousness"] = level;
  if (device) values["o2_device"] = device;
  if (typed.temp.trim()) values["temp"] = parseNumber(typed.temp);
  if (onOxygen && typed.o2_flow.trim()) values["o2_flow"] = parseNumber(typed.o2_flow);
  if (onOxygen && typed.fio2.trim()) values["fio2"] = parseNumber(typed.fio2) / 100;
  return values;
}
