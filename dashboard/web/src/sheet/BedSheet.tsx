import { useSignal } from "@preact/signals";
import { isClinical, mayAct } from "../app/session";
import type { Board } from "../live/board";
import type { Alert, Stay, Tile } from "../live/contract";
import { names } from "../app/prefs";
import { clock } from "../text/format";
import { code, t, type Key } from "../text/locale";
import { byUrgency } from "../board/alerts";
import { Sheet } from "../ui/Sheet";
import { AlertCard } from "./AlertCard";
import { later } from "../ui/later";
import { ChartedSet } from "./ChartedSet";
import { DevicePanel } from "./DevicePanel";
import { Flags } from "./Flags";
import { returnToWard } from "./stays";
import { Working } from "./Working";

const parts = () => import("./parts");
const Outlook = later(() => parts().then((p) => p.Outlook));
const ChartForm = later(() => parts().then((p) => p.ChartForm));
const LimitForm = later(() => parts().then((p) => p.LimitForm));
const Limits = later(() => parts().then((p) => p.Limits));
const Care = later(() => parts().then((p) => p.Care));
const Scale = later(() => parts().then((p) => p.Scale));
const Admit = later(() => parts().then((p) => p.Admit));
const Transfer = later(() => parts().then((p) => p.Transfer));
const Discharge = later(() => parts().then((p) => p.Discharge));
const OffWard = later(() => parts().then((p) => p.OffWard));
const Symptoms = later(() => parts().then((p) => p.Symptoms));
const SymptomForm = later(() => parts().then((p) => p.SymptomForm));

type View = "overview" | "chart" | "limit" | "admit" | "transfer" | "discharge" | "off" | "symptoms";

const titles: Record<Exclude<View, "overview">, Key> = {
  chart: "chart.title",
  limit: "limit.set",
  admit: "move.admit",
  transfer: "move.transfer",
  discharge: "move.discharge",
  off: "move.off_ward",
  symptoms: "symptom.add",
};

/** Everything about one bed, and what can be done there. */
export function BedSheet({ board, bed, close }: { board: Board; bed: string; close(): void }) {
  const view = useSignal<View>("overview");
  const tile = board.beds.value.find((b) => b.id === bed)?.tile.value;
  if (!tile) {
    return (
      <Sheet title={bed} close={close}>
        <p>{t("sheet.gone")}</p>
      </Sheet>
    );
  }
  const back = () => (view.value = "overview");
  const title = view.value === "overview" ? heading(tile) : `${tile.label} · ${t(titles[view.value])}`;
  return (
    <Sheet title={title} close={close} back={view.value === "overview" ? undefined : back}>
      {view.value === "overview" && <Overview board={board} tile={tile} show={(v) => (view.value = v)} />}
      {view.value === "chart" && tile.stay && <ChartForm tile={tile} limits={board.limits.value} done={back} />}
      {view.value === "limit" && tile.stay && <LimitForm stay={tile.stay} done={back} />}
      {view.value === "admit" && <Admit ward={board.ward} bed={bed} done={back} />}
      {view.value === "transfer" && tile.stay && <Transfer board={board} stay={tile.stay.id} done={close} />}
      {view.value === "discharge" && tile.stay && <Discharge stay={tile.stay.id} done={back} />}
      {view.value === "symptoms" && tile.stay && <SymptomForm stay={tile.stay.id} done={back} />}
      {view.value === "off" && tile.stay && <OffWard stay={tile.stay.id} done={back} />}
    </Sheet>
  );
}

function heading(tile: Tile): string {
  if (tile.apart && tile.stay) return tile.label;
  return tile.stay?.name && names.value !== "none" ? `${tile.label} · ${tile.stay.name}` : tile.label;
}

function Overview({ board, tile, show }: { board: Board; tile: Tile; show(v: View): void }) {
  const alerts = [...tile.alerts].sort(byUrgency);
  return (
    <>
      {board.link.value === "lost" && <p class="notice is-urgent">{`${t("lost.title", { time: clock(board.heard.value) })}. ${t("lost.text")}`}</p>}
      {tile.stay && <Person stay={tile.stay} />}
      {tile.apart && <p class="notice">{code("apart", tile.apart)}</p>}
      {alerts.map((a: Alert) => (
        <AlertCard key={a.id} alert={a} board={board} />
      ))}
      {mayAct() && <Deeds tile={tile} show={show} />}
      {tile.stay?.care === "comfort" && isClinical() && <Symptoms stay={tile.stay.id} add={() => show("symptoms")} />}
      <Flags flags={tile.score?.flags ?? []} />
      <Working tile={tile} limits={board.limits} />
      <ChartedSet tile={tile} />
      <Outlook board={board} tile={tile} />
      {tile.stay && <Limits stay={tile.stay} add={() => show("limit")} />}
      {tile.stay && <Scale tile={tile} stay={tile.stay} />}
      {tile.stay && <Care stay={tile.stay} />}
      <DevicePanel board={board} tile={tile} />
    </>
  );
}

function Person({ stay }: { stay: Stay }) {
  const facts = [
    stay.birth_year ? t("stay.born", { year: stay.birth_year }) : "",
    stay.age !== null ? t("stay.age", { n: stay.age }) : "",
    stay.sex ? code("stay.sex", stay.sex) : "",
    stay.scale === 2 ? t("stay.scale2_hint") : "",
    stay.care ? code("stay.care_hint", stay.care) : "",
  ];
  return (
    <>
      <p class="person">{facts.filter(Boolean).join(" · ")}</p>
      <p class="person">{`${t("assign.nurse")}: ${stay.nurse?.name || t("assign.nobody")} · ${t("assign.doctor")}: ${stay.doctor?.name || t("assign.nobody")}`}</p>
      {stay.same_name && <p class="notice">{t("stay.same_name_hint")}</p>}
    </>
  );
}

function Deeds({ tile, show }: { tile: Tile; show(v: View): void }) {
  const stay = tile.stay;
  const to = (v: Exclude<View, "overview">) => (
    <button type="button" class="button" onClick={() => show(v)}>
      {t(titles[v])}
    </button>
  );
  if (!stay) return <div class="row">{to("admit")}</div>;
  return (
    <div class="row">
      {to("chart")}
      {stay.off ? (
        <button type="button" class="button" onClick={() => void returnToWard(stay.id)}>
          {t("move.return")}
        </button>
      ) : (
        to("off")
      )}
      {to("transfer")}
      {to("discharge")}
    </div>
  );
}
