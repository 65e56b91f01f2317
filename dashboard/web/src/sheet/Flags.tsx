import type { Flag } from "../live/contract";
import { clock } from "../text/format";
import { t } from "../text/locale";
import { flagNumbers, flagText, isQuiet } from "../tile/flags";

/** What is of concern beside the points, the worst first. */
export function Flags({ flags }: { flags: Flag[] }) {
  if (flags.length === 0) return null;
  return (
    <section>
      <h3>{t("flag.heading")}</h3>
      <ul class="flags">
        {flags.map((f) => (
          <li key={f.code} class={isQuiet(f) ? "flag" : `flag flag-${f.band}`}>
            <b>{flagText(f.code)}</b>
            <span>{[flagNumbers(f), f.since ? t("alert.since", { time: clock(f.since) }) : "", f.held ? t("flag.held") : ""].filter(Boolean).join(" · ")}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
