import { useComputed } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Board } from "../live/board";
import { second, skew } from "../live/clock";
import { kiosk } from "../app/route";
import { sort, soundOn } from "../app/prefs";
import type { Chime } from "../sound/sound";
import { age, clockSeconds, date } from "../text/format";
import { code, knows, t } from "../text/locale";
import { flagText } from "../tile/flags";
import { mainBand } from "../tile/shown";
import { LungsIcon, MenuIcon, MuteIcon, SoundIcon } from "../ui/icons";
import { isClinical } from "../app/session";
import { incoming } from "../staff/duty";
import { isMine, mine } from "../staff/mine";
import type { Panel } from "./BoardPage";
import { count } from "./waiting";

/** From here on a browser's wall clock is worth a word. */
const skewed = 2 * 60_000;
/** Faults of Wardwatch itself that stop it from doing its work. */
const grave = new Set(["storage_stalled", "storage_full", "ingest_stalled", "link_lost", "channel_down"]);

export function Header({ board, chime, show }: { board: Board; chime: Chime; show(panel: Panel): void }) {
  return (
    <header class="bar">
      <h1 class="bar-ward">{board.name.value}</h1>
      {board.simulation.value && <strong class="bar-simulation">{t("app.simulation")}</strong>}
      <Census board={board} />
      <Faults board={board} />
      {!kiosk && incoming().length > 0 && (
        <button type="button" class="button bar-waiting" onClick={() => show("handover")}>
          {t("handover.waits", { n: incoming().length })}
        </button>
      )}
      {!kiosk && isClinical() && <MineButton board={board} />}
      {!kiosk && count.value > 0 && <WaitingButton open={() => show("worklist")} />}
      <SoundButton chime={chime} />
      {!kiosk && <SortButton />}
      <Clock />
      {!kiosk && (
        <button type="button" class="button bar-menu" aria-label={t("board.menu")} title={t("board.menu")} onClick={() => show("menu")}>
          <MenuIcon />
        </button>
      )}
    </header>
  );
}

/** How many people lie here, and how many of them in each band that worries. */
function Census({ board }: { board: Board }) {
  const counts = useComputed(() => {
    const tiles = board.beds.value.map((b) => b.tile.value).filter((tile) => tile.stay);
    const of = (band: string) => tiles.filter((tile) => mainBand(tile) === band).length;
    return { patients: tiles.length, high: of("high"), medium: of("medium"), low_medium: of("low_medium"), unknown: of("unknown") };
  });
  const c = counts.value;
  return (
    <p class="census">
      <span class="census-patients">{t("board.patients", { n: c.patients })}</span>
      {(["high", "medium", "low_medium", "unknown"] as const).map(
        (band) =>
          c[band] > 0 && (
            <span key={band} class={`census-band band-${band}`} title={code("band", band)}>
              {c[band]} <span>{code("band.short", band)}</span>
            </span>
          ),
      )}
    </p>
  );
}

function Faults({ board }: { board: Board }) {
  const faults = board.system.value.filter((s) => s.bad).sort((a, b) => Number(grave.has(b.code)) - Number(grave.has(a.code)));
  const off = Math.abs(skew.value);
  return (
    <ul class="faults" aria-label="Wardwatch">
      {faults.map((s) => (
        <li key={s.code} class={`fault${grave.has(s.code) ? " is-grave" : ""}`} title={s.detail}>
          {knows("system", s.code) ? code("system", s.code) : flagText(s.code)}
        </li>
      ))}
      {off > skewed && (
        <li class="fault" title={t("board.clock_off_hint")}>
          {t("board.clock_off", { age: age(off) })}
        </li>
      )}
    </ul>
  );
}

/** Only my patients; how many they are is said, so that half a ward is never taken for the whole. */
function MineButton({ board }: { board: Board }) {
  const counts = useComputed(() => {
    const tiles = board.beds.value.map((b) => b.tile.value).filter((tile) => tile.stay);
    return { mine: tiles.filter(isMine).length, all: tiles.length };
  });
  const on = mine.value;
  return (
    <button type="button" class="button bar-mine" aria-pressed={on} title={t("board.mine_hint")} onClick={() => (mine.value = !on)}>
      {t("board.mine")} <span>{`${counts.value.mine}/${counts.value.all}`}</span>
    </button>
  );
}

/** Imaging results that are nobody's yet. */
function WaitingButton({ open }: { open(): void }) {
  return (
    <button type="button" class="button bar-waiting" title={t("worklist.title")} onClick={open}>
      <LungsIcon />
      {count.value} <span class="bar-waiting-words">{t("worklist.wait")}</span>
    </button>
  );
}

function Clock() {
  return (
    <p class="bar-clock">
      <span class="bar-date">{date(second.value)}</span> <time>{clockSeconds(second.value)}</time>
    </p>
  );
}

/** Sound that cannot be heard is shown plainly, on a wall screen too. */
function SoundButton({ chime }: { chime: Chime }) {
  const on = soundOn.value === "on";
  const blocked = on && chime.blocked.value;
  const text = blocked ? t("sound.blocked") : on ? t("sound.on") : t("sound.off");
  // The touch itself frees the sound, before its click arrives: what was shown when it began decides.
  const wasBlocked = useRef(false);
  const begin = () => (wasBlocked.current = blocked);
  const press = () => {
    if (!blocked && !wasBlocked.current) soundOn.value = on ? "off" : "on";
    wasBlocked.current = false;
    chime.wake();
  };
  return (
    <button type="button" class={`button bar-sound${on && !blocked ? "" : " is-silent"}`} aria-pressed={on && !blocked} title={on && !blocked ? t("sound.turn_off") : t("sound.turn_on")} onPointerDown={begin} onKeyDown={begin} onClick={press}>
      {on && !blocked ? <SoundIcon /> : <MuteIcon />}
      <span>{text}</span>
    </button>
  );
}

function SortButton() {
  return (
    <fieldset class="choice bar-sort">
      <legend class="vh">{t("board.sort")}</legend>
      {(["bed", "risk"] as const).map((s) => (
        <label key={s} class="choice-item">
          <input type="radio" name="sort" checked={sort.value === s} onChange={() => (sort.value = s)} />
          <span>{t(`board.sort.${s}`)}</span>
        </label>
      ))}
    </fieldset>
  );
}
