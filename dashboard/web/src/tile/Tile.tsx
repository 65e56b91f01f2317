import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Bed } from "../live/board";
import type { Device, PartInput, Tile as TileData } from "../live/contract";
import { fiveSeconds } from "../live/clock";
import { sparkVitals } from "../live/sparkbuffer";
import { age, bedName, clock } from "../text/format";
import { code, t } from "../text/locale";
import { assigning, chosen } from "../staff/mine";
import { foremost, priority, unaccepted } from "../board/alerts";
import { useBoard } from "../board/context";
import { RoundLine } from "./RoundLine";
import { ScoreBlock } from "./ScoreBlock";
import { TileFoot } from "./TileFoot";
import { line, showsAge } from "./vitals";
import { sparkText, VitalLine } from "./VitalLine";
import { BatteryIcon, LungsIcon, MonitorOffIcon } from "../ui/icons";

const lower = ["o2", "temp", "consciousness"] as const;

/** One bed of the board. Reads its own bed's signal only. */
export function Tile({ bed }: { bed: Bed }) {
  const { open, still } = useBoard();
  const tile = bed.tile.value;
  const nothing = !tile.stay && !tile.score && Object.keys(tile.vitals).length === 0;
  return (
    <li class={tileClass(tile)} data-bed={tile.bed} draggable={assigning.value && !!tile.stay} onDragStart={(e) => e.dataTransfer?.setData("text/plain", tile.stay?.id ?? "")}>
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
  if (assigning.value && tile.stay && chosen.value.has(tile.stay.id)) parts.push("is-chosen");
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
        <ScoreBlock tile={tile} />
        <div class="tile-vitals">
          <Sparklines bed={bed} tile={tile} />
          <dl class="vitals">{sparkVitals.map(each)}</dl>
        </div>
      </div>
      <Lower tile={tile} each={each} />
      <RoundLine tile={tile} />
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
    length += l.text.length + (l.points ? 2 : 0) + (l.own ? 1 : 0) + (showsAge(l, limits.value, at) ? 6 : 0);
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
      {names.value !== "none" && tile.stay.name && <b title={tile.stay.name}>{tile.stay.name}</b>}
      <span class="tile-year">{tile.stay.birth_year}</span>
      {tile.stay.same_name && <Mark text={t("stay.same_name")} sign="≈" short={crowded(tile)} hint={t("stay.same_name_hint")} warn />}
    </span>
  );
}

/** A word about the person; where several need the room, its sign. */
function Mark({ text, sign, short, hint, warn }: { text: string; sign: string; short: boolean; hint: string; warn?: boolean }) {
  return (
    <span class={`mark${warn ? " mark-warn" : ""}`} title={hint}>
      {short ? <span aria-hidden="true">{sign}</span> : text}
      {short && <span class="vh">{text}</span>}
    </span>
  );
}

/** Characters that a tile's head holds: bed, name and marks. */
const headRoom = 20;

/** Whether the marks must be short, so that the name and the year of birth never give way. */
function crowded(tile: TileData): boolean {
  const { stay } = tile;
  if (!stay) return false;
  const texts = [bedName(tile.label), stay.name];
  if (stay.same_name) texts.push(t("stay.same_name"));
  if (stay.scale === 2) texts.push(t("stay.scale2"));
  if (stay.care) texts.push(code("stay.care", stay.care));
  if (awayMarked(tile)) texts.push(t("stay.off"));
  if (imagingMark(tile)) texts.push("###");
  if (deviceMarked(tile.device)) texts.push("####");
  return texts.join("").length > headRoom;
}

/** An alert takes the tile's last line, which else says that the person is away. */
function awayMarked({ stay, alerts }: TileData): boolean {
  return !!stay?.off && alerts.length > 0;
}

function Marks({ tile }: { tile: TileData }) {
  const stay = tile.stay;
  const short = crowded(tile);
  return (
    <span class="tile-marks">
      {stay?.scale === 2 && <Mark text={t("stay.scale2")} sign={t("stay.scale2_sign")} short={short} hint={t("stay.scale2_hint")} />}
      {stay?.care && <Mark text={code("stay.care", stay.care)} sign={code("stay.care_sign", stay.care)} short={short} hint={code("stay.care_hint", stay.care)} />}
      {stay?.off && awayMarked(tile) && (
        <span class="mark mark-solid" title={`${stay.off.destination} ${clock(stay.off.until)}`}>
          {t("stay.off")}
        </span>
      )}
      <ImagingMark of={imagingMark(tile)} />
      <DeviceMark device={tile.device} />
    </span>
  );
}

/** What imaging shows of the person, as far as it still counts; it goes with the assessment that says so. */
function imagingMark({ stay, apart, assessed }: TileData): string {
  return stay && !apart && assessed && fiveSeconds.value <= assessed.shown_until ? assessed.imaging : "";
}

const imagingSigns: Record<string, string> = { unread: "?", confirmed: "✓" };

function ImagingMark({ of }: { of: string }) {
  if (!of) return null;
  const text = code("imaging.mark", of);
  return (
    <span class={`mark mark-imaging is-${of}`} title={text}>
      <LungsIcon />
      <span aria-hidden="true">{imagingSigns[of]}</span>
      <span class="vh">{text}</span>
    </span>
  );
}

const weakBattery = 0.2;

/** A monitor that works as it should needs no mark. */
function deviceMarked(device: Device | null): device is Device {
  return !!device && (isOff(device) || isWeak(device));
}

function isOff({ state }: Device): boolean {
  return state === "offline" || state === "standby";
}

function isWeak({ battery }: Device): boolean {
  return battery !== null && battery < weakBattery;
}

function DeviceMark({ device }: { device: Device | null }) {
  if (!deviceMarked(device)) return null;
  const seen = device.seen ? ` · ${age(fiveSeconds.value - device.seen, true)}` : "";
  const weak = isWeak(device);
  return (
    <span class={`device device-${device.state}`} title={code("device", device.state) + seen}>
      {isOff(device) && <MonitorOffIcon />}
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
