import { Fragment } from "preact";
import type { Charted, Flag, Named, Stay, Tile } from "../live/contract";
import { fiveSeconds } from "../live/clock";
import { age, clock } from "../text/format";
import { t } from "../text/locale";
import { ClockIcon, PenIcon } from "../ui/icons";
import { flagSign, flagText, isQuiet } from "./flags";
import { RiskBadge, riskBadges, type Badge } from "./RiskBadge";
import { chartedPoints, leading } from "./shown";

/** The tile's line of the rounds: the last charted set, when the next is due, and what else is of concern. */
export function RoundLine({ tile }: { tile: Tile }) {
  const charted = tile.stay ? (tile.score?.charted ?? null) : null;
  const flags = tile.stay ? (tile.score?.flags ?? []) : [];
  const badges = riskBadges(tile, flags, fiveSeconds.value);
  const chips = merged(flags.filter((f) => !badges.some((b) => b.key === f.code))); // a badge says more than its flag
  const points = charted && !tile.score?.refused && !leading(tile) ? chartedPoints(charted) : "";
  return (
    <div class="round">
      {charted && !tile.stay?.off && <Round charted={charted} points={points} short={badges.length + chips.length > 1} />}
      {tile.stay && badges.length + chips.length === 0 && <Holders stay={tile.stay} />}
      <Chips badges={badges} flags={chips} room={charted ? 2 : 4} />
    </div>
  );
}

/** Whose patient it is this shift, by what they are called: the last word of a Vietnamese name. */
function Holders({ stay }: { stay: Stay }) {
  const called = (p: Named | null) => p?.name.split(" ").at(-1) ?? "";
  const nurse = called(stay.nurse);
  const doctor = called(stay.doctor);
  if (!nurse && !doctor) return null;
  const title = `${t("assign.nurse")}: ${stay.nurse?.name || t("assign.nobody")} · ${t("assign.doctor")}: ${stay.doctor?.name || t("assign.nobody")}`;
  const texts = [nurse && t("assign.short.nurse", { name: nurse }), doctor && t("assign.short.doctor", { name: doctor })];
  return (
    <span class="round-staff" title={title}>
      {texts.filter(Boolean).join(" · ")}
    </span>
  );
}

/** points: empty where no chart scores the set, or it stands large above. short: leave room for the chips. */
function Round({ charted, points, short }: { charted: Charted; points: string; short: boolean }) {
  const at = fiveSeconds.value;
  const late = charted.due !== null && at >= charted.due;
  return (
    <p class="round-set">
      {charted.at !== null && (
        <span class="round-points">
          <PenIcon />
          <span class="vh">{t("charted.heading")} </span>
          {points && <b class={`charted-points band-${charted.band}`}>{points}</b>}
          <span>{age(at - charted.at)}</span>
        </span>
      )}
      {charted.due !== null && (late ? <Overdue by={at - charted.due} short={short} /> : <Due at={charted.due} short={short} />)}
    </p>
  );
}

function Due({ at, short }: { at: number; short: boolean }) {
  const text = t("score.due", { time: clock(at) });
  return (
    <span title={text}>
      {short ? (
        <>
          <span aria-hidden="true">{`→ ${clock(at)}`}</span>
          <span class="vh">{text}</span>
        </>
      ) : (
        t("round.due", { time: clock(at) })
      )}
    </span>
  );
}

function Overdue({ by, short }: { by: number; short: boolean }) {
  return (
    <strong class="round-late" title={t("score.overdue", { age: age(by) })}>
      <ClockIcon />
      {short ? t("round.late") : t("round.overdue", { age: age(by) })}
    </strong>
  );
}

function Chips({ badges, flags, room }: { badges: Badge[]; flags: Flag[]; room: number }) {
  const all = [...badges.map((b) => ({ key: b.key, text: b.text, chip: <RiskBadge badge={b} /> })), ...flags.map((f) => ({ key: f.code, text: flagText(f.code), chip: <Chip flag={f} /> }))];
  if (all.length === 0) return null;
  const shown = all.length > room ? all.slice(0, room - 1) : all;
  const rest = all.slice(shown.length).map((x) => x.text).join(", ");
  return (
    <p class="chips">
      {shown.map((x) => (
        <Fragment key={x.key}>{x.chip}</Fragment>
      ))}
      {rest && (
        <span class="chip" title={rest}>
          <span aria-hidden="true">+{all.length - shown.length}</span>
          <span class="vh">{rest}</span>
        </span>
      )}
    </p>
  );
}

/** One flag, short: its step's colour only where somebody should go. */
function Chip({ flag }: { flag: Flag }) {
  const tint = isQuiet(flag) ? "" : ` band-${flag.band}`;
  const text = flagText(flag.code) + (flag.held ? `, ${t("flag.held")}` : "");
  return (
    <span class={`chip${tint}${flag.held ? " is-held" : ""}`} title={text}>
      <span aria-hidden="true">
        {flagSign(flag.code)}
        {flag.held && "?"}
      </span>
      <span class="vh">{text}</span>
    </span>
  );
}

// Flags that read the same on a chip need it once: the worst comes first.
function merged(flags: Flag[]): Flag[] {
  return flags.filter((f, i) => flags.findIndex((g) => flagSign(g.code) === flagSign(f.code)) === i);
}
