import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Bed } from "../live/board";
import type { PartInput, Tile as TileData } from "../live/contract";
import { fiveSeconds } from "../live/clock";
import { sparkVitals } from "../live/sparkbuffer";
import { age, bedName, clock } from "../text/format";
import { code, t } from "../text/locale";
import { foremost, priority, unaccepted } from "../board/alerts";
import { useBoard } from "../board/context";
import { ScoreBlock } from "./ScoreBlock";
import { TileFoot } from "./TileFoot";
import { line, showsAge } from "./vitals";
import { sparkText, VitalLine } from "./VitalLine";
import { BatteryIcon, MonitorIcon, MonitorOffIcon } from "../ui/icons";

const lower = ["o2", "temp", "consciousness"] as const;

/** One bed of the board. Reads its own bed's signal only. */
export function Tile({ bed }: { bed: Bed }) {
  const { open, still } = useBoard();
  const tile = bed.tile.value;
  const nothing = !tile.stay && !tile.score && Object.keys(tile.vitals).length === 0;
  return (
    <li class={tileClass(tile)} data-bed={tile.bed}>
      <div class="tile-head">
        <h2 class="tile-bed">
          {still ? (
            bedName(tile.label)
          ) : (
            <button type="button" class="tile-open" aria-label={t("board.open_bed", { bed: bedName(tile.label) })} onClick={() => open(tile.bed)}>
              {bedName(tile.label)}
            </button>
          )}
        </h2>
        <Who tile={tile} />
        <Marks tile={tile} />
      </div>
      {nothing ? <p class="tile-empty">{t("stay.empty")}</p> : <Body bed={bed} tile={tile} />}
      <TileFoot tile={tile} />
    </li>
  );
}

function tileClass(tile: TileData): string {
  const alert = foremost(tile.alerts);
  const parts = ["tile"];
  if (alert && unaccepted(alert)) parts.push("has-unaccepted", `alert-${priority(alert)}`);
  if (!tile.stay) parts.push("is-empty");
  if (tile.stay?.off) parts.push("is-off");
  if (tile.apart) parts.push("is-apart");
  return parts.join(" ");
}

function Body({ bed, tile }: { bed: Bed; tile: TileData }) {
  const { limits } = useBoard();
  const at = fiveSeconds.value;
  const each = (input: PartInput) => (
    <VitalLine key={input} line={line(tile, input, limits.value, at)} limits={limits.value} at={at} />
  );
  return (
    <>
      <div class="tile-main">
        <ScoreBlock score={tile.score} />
        <div class="tile-vitals">
          <Sparklines bed={bed} tile={tile} />
          <dl class="vitals">{sparkVitals.map(each)}</dl>
        </div>
      </div>
      <Lower tile={tile} each={each} />
    </>
  );
}

/** How many characters the lower row holds at its full size. */
const roomy = 22;

function Lower({ tile, each }: { tile: TileData; each(i: PartInput): JSX.Element }) {
  const { limits } = useBoard();
  const at = fiveSeconds.value;
  let length = 0;
  for (const input of lower) {
    const l = line(tile, input, limits.value, at);
    length += l.text.length + (l.points ? 2 : 0) + (showsAge(l, limits.value, at) ? 6 : 0);
  }
  return <dl class={`vitals vitals-lower${length > roomy ? " is-crowded" : ""}`}>{lower.map(each)}</dl>;
}

function Sparklines({ bed, tile }: { bed: Bed; tile: TileData }) {
  const { painter } = useBoard();
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => (canvas.current ? painter.add(canvas.current, bed.spark) : undefined), [bed, painter]);
  return <canvas ref={canvas} class="sparks" role="img" aria-label={sparkText(tile, (v) => bed.spark.range(v))} />;
}

// A reading that cannot be tied to the person is never shown under their name.
function Who({ tile }: { tile: TileData }) {
  const { names } = useBoard();
  if (tile.apart && tile.stay) return <span class="tile-who is-warning">{code("apart", tile.apart)}</span>;
  if (!tile.stay) return <span class="tile-who" />;
  return (
    <span class="tile-who">
      {names.value !== "none" && tile.stay.name && <b>{tile.stay.name}</b>}
      {tile.stay.same_name && <SameName short={!!marksOf(tile)} />}
      <span class="tile-year">{tile.stay.birth_year}</span>
    </span>
  );
}

// Where other marks need the room a sign stands for the words; the name itself never gives way.
function SameName({ short }: { short: boolean }) {
  return (
    <span class="mark mark-warn" title={t("stay.same_name_hint")}>
      {short ? <span aria-hidden="true">≈</span> : t("stay.same_name")}
      {short && <span class="vh">{t("stay.same_name")}</span>}
    </span>
  );
}

/** How many marks beside the monitor's the tile's head must hold. */
function marksOf({ stay, alerts, device }: TileData): number {
  if (!stay) return 0;
  const off = stay.off && alerts.length > 0; // else the tile's last line says it
  const weak = device?.battery != null && device.battery < weakBattery;
  return Number(stay.scale === 2) + Number(!!stay.care) + Number(!!off) + Number(weak);
}

function Marks({ tile }: { tile: TileData }) {
  const stay = tile.stay;
  return (
    <span class="tile-marks">
      {stay?.scale === 2 && (
        <span class="mark" title={t("stay.scale2_hint")}>
          {t("stay.scale2")}
        </span>
      )}
      {stay?.care && (
        <span class="mark" title={code("stay.care_hint", stay.care)}>
          {code("stay.care", stay.care)}
        </span>
      )}
      {stay?.off && tile.alerts.length > 0 && (
        <span class="mark mark-solid" title={`${stay.off.destination} ${clock(stay.off.until)}`}>
          {t("stay.off")}
        </span>
      )}
      <DeviceMark tile={tile} />
    </span>
  );
}

const weakBattery = 0.2;

function DeviceMark({ tile }: { tile: TileData }) {
  const device = tile.device;
  if (!device) return null;
  const seen = device.seen ? ` · ${age(fiveSeconds.value - device.seen, true)}` : "";
  const off = device.state === "offline" || device.state === "standby";
  const weak = device.battery !== null && device.battery < weakBattery;
  return (
    <span class={`device device-${device.state}`} title={code("device", device.state) + seen}>
      {off ? <MonitorOffIcon /> : <MonitorIcon />}
      {weak && (
        <span class="device-weak">
          <BatteryIcon />
          {Math.round((device.battery ?? 0) * 100)}
        </span>
      )}
      <span class="vh">
        {code("device", device.state)}
        {weak && `, ${t("device.battery", { n: Math.round((device.battery ?? 0) * 100) })}`}
      </span>
    </span>
  );
}
