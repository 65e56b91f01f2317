import type { Flag, RiskMark, Tile } from "../live/contract";
import { age, percent } from "../text/format";
import { code, t } from "../text/locale";
import { ModelIcon } from "../ui/icons";
import { isQuiet } from "./flags";

/** What a model says of a bed, for its tile. */
export interface Badge {
  /** The code of the flag that says the same. */
  key: string;
  sign: string;
  text: string;
  tint: string;
  /** Of some time ago: greyed, with its age. */
  old: boolean;
}

/**
 * The badges of a tile: each risk that asks for concern, and one where models should speak and cannot. A
 * low risk has none: a model may raise concern and never lower it.
 */
export function riskBadges({ stay, apart, assessed }: Tile, flags: Flag[], at: number): Badge[] {
  if (!stay || apart || !assessed || at > assessed.shown_until) return [];
  const old = at > assessed.fresh_until;
  const since = old ? ` · ${age(at - assessed.at)}` : "";
  const badges = assessed.risks.filter((r) => r.raised && r.value !== null).map((r) => raised(r, flags, since, old));
  const mute = assessed.risks.find((r) => r.withheld);
  if (mute) badges.push({ key: "withheld", sign: t("risk.mute"), text: `${t("risk.mute")}: ${code("withheld", mute.withheld)}`, tint: "", old });
  return badges;
}

function raised(r: RiskMark, flags: Flag[], since: string, old: boolean): Badge {
  const key = `risk:${r.task}`;
  const flag = flags.find((f) => f.code === key);
  const value = percent(r.value ?? 0) + since;
  return { key, sign: `${code("task.short", r.task)} ${value}`, text: `${code("task", r.task)}: ${value}`, tint: flag && !old && !isQuiet(flag) ? ` band-${flag.band}` : "", old };
}

/** One badge: a sign, a word and a number, so that colour is never alone. */
export function RiskBadge({ badge: b }: { badge: Badge }) {
  return (
    <span class={`chip risk-badge${b.tint}${b.old ? " is-old" : ""}`} title={b.text}>
      <span aria-hidden="true">
        <ModelIcon />
        {b.sign}
      </span>
      <span class="vh">{b.text}</span>
    </span>
  );
}
