import type { Alert, Score, Tile } from "../live/contract";
import { fiveSeconds, second } from "../live/clock";
import { age, clock } from "../text/format";
import { code, knows, t } from "../text/locale";
import { alarmCause, countdown, foremost, lacking, priority, unaccepted, waiting, worstCause } from "../board/alerts";
import { owner, plan, waitsFor } from "../board/taken";
import { PriorityMark } from "../ui/icons";
import { inputOf } from "./vitals";

/** The tile's last line: the one thing about this bed that somebody should know or do. */
export function TileFoot({ tile }: { tile: Tile }) {
  const alert = foremost(tile.alerts);
  if (alert) return <AlertLine alert={alert} score={tile.score} />;
  const note = noteOf(tile);
  return (
    <p class={`tile-foot${note.urgent ? " is-urgent" : ""}`}>
      <FootText text={note.text} />
    </p>
  );
}

function AlertLine({ alert, score }: { alert: Alert; score: Score | null }) {
  const open = unaccepted(alert);
  return (
    <p class={`tile-foot foot-alert foot-${priority(alert)}${open ? " is-open" : ""}`} data-alert={alert.id} data-state={alert.state}>
      <PriorityMark of={priority(alert)} />
      <FootText text={said(alert, score)} />
      <Countdown alert={alert} />
    </p>
  );
}

// Why, while nobody has it; then who has not answered; then who has it.
function said(alert: Alert, score: Score | null): string {
  if (waiting(alert)) return worstCause(alert, score);
  return lacking(alert) ? waitsFor(alert) : plan(alert) || owner(alert, ownerRoom);
}

/** Characters that who has an alert may take on a tile, beside the alert's clock. */
const ownerRoom = 22;
/** From here on a text is set smaller, so that it is never cut. */
const long = 22;

function FootText({ text }: { text: string }) {
  return <span class={`foot-text${text.length > long ? " is-long" : ""}`}>{text}</span>;
}

/** The alert's clock, drawn alone each second. */
export function Countdown({ alert, words = false }: { alert: Alert; words?: boolean }) {
  const text = countdown(alert, second.value);
  if (!text) return null;
  const late = (alert.next_at ?? 0) < second.value;
  const shown = words ? text : (text.match(/[\d:]+$/)?.[0] ?? text);
  return (
    <span class={`countdown${late ? " is-late" : ""}`} title={text}>
      {late && !words ? `+${shown}` : shown}
    </span>
  );
}

interface Note {
  text: string;
  urgent?: boolean;
}

function noteOf(tile: Tile): Note {
  const { score, stay } = tile;
  if (score?.check) return { text: t("score.check", { vital: code("vital", score.check) }), urgent: true };
  if (stay?.off) {
    const late = !!stay.off.until && fiveSeconds.value > stay.off.until;
    return { text: t(late ? "stay.off_overdue" : "stay.off_at", { destination: destination(stay.off.destination), until: clock(stay.off.until) }) };
  }
  if (tile.apart && !stay) return { text: code("apart", tile.apart) };
  const alarm = tile.alarms[0];
  if (alarm) return { text: alarmCause(alarm.code) };
  return { text: deviceNote(tile) || scoreNote(score) };
}

// A bed without a monitor is never silent: its score is charted, and the line above says when.
function deviceNote({ score, stay, device }: Tile): string {
  if (!device) return stay ? t("device.none") : "";
  if (device.state === "offline" || device.state === "standby") return code("device", device.state);
  if (!score?.lost) return "";
  return score.last_data ? t("device.silent", { age: age(fiveSeconds.value - score.last_data) }) : t("score.lost");
}

/** What the score lacks. */
function scoreNote(score: Score | null): string {
  if (!score || score.refused || score.have === 0) return "";
  const lacking = score.parts.filter((p) => p.state !== "present");
  if (lacking.length === 0) return "";
  const inputs = briefly(lacking.map(inputOf));
  return score.held ? t("score.held_missing", { time: clock(score.held_since), inputs }) : t("score.missing", { inputs });
}

/** Inputs by their short names. */
export function briefly(inputs: string[]): string {
  return inputs.map((i) => (knows("vital.short", i) ? code("vital.short", i) : code("vital", i))).join(", ");
}

/** A destination from our own list in the reader's language; anything else as it was typed. */
export function destination(d: string): string {
  return code("move.destination", d);
}
