import { useSignal } from "@preact/signals";
import { call } from "../app/api";
import type { Board } from "../live/board";
import { fiveSeconds } from "../live/clock";
import { tell } from "../sheet/acting";
import { code, t } from "../text/locale";
import { say } from "../ui/toast";
import type { Guess, Identity, Item } from "./contract";
import { marks } from "./compare";
import { Candidate, markText } from "./Candidate";
import { OtherBed } from "./OtherBed";
import { ReasonForm } from "./ReasonForm";
import { takenText, when } from "./words";

/** One study's results: whose they are said to be, who comes near, and what can be done. */
export function WaitingItem({ item, board, done }: { item: Item; board: Board; done(): void }) {
  const busy = useSignal(false);
  const other = useSignal<Guess | null>(null);
  const send = async (deed: "assign" | "dismiss", body: unknown, said: () => void) => {
    busy.value = true;
    try {
      await call("POST", `/imaging/worklist/${encodeURIComponent(item.id)}/${deed}`, body);
      said();
      done();
    } catch (e) {
      tell(e);
    } finally {
      busy.value = false;
    }
  };
  const assign = (to: Guess) => (reason: string) =>
    void send("assign", reason ? { stay: to.stay, reason } : { stay: to.stay }, () => say(t("worklist.assigned", { bed: labelOf(board, to) }), "good", () => void takeBack(item.id, done)));
  const guesses = other.value ? [...item.guesses.filter((g) => g.stay !== other.value?.stay), other.value] : item.guesses;
  return (
    <article class="waiting" data-item={item.id}>
      <h3>{takenText(item)}</h3>
      <p>{[item.acquired === null ? t("worklist.no_time") : t("worklist.taken", { time: when(item.acquired, fiveSeconds.value) }), t("worklist.received", { time: when(item.received, fiveSeconds.value) }), t("worklist.findings", { n: item.findings })].join(" · ")}</p>
      <p class="notice">{code("unmatched", item.why)}</p>
      <Claimed claim={item} accession={item.accession} />
      {guesses.map((g) => (
        <Candidate key={g.stay} claim={item} stay={g} label={labelOf(board, g)} busy={busy.value} assign={assign(g)} />
      ))}
      <OtherBed board={board} known={guesses.map((g) => g.stay)} choose={(g) => (other.value = g)} />
      <details class="small">
        <summary>{t("worklist.nobody")}</summary>
        <ReasonForm label={t("worklist.why_nobody")} deed={t("worklist.dismiss")} busy={busy.value} send={(reason) => void send("dismiss", { reason }, () => say(t("worklist.dismissed")))} />
      </details>
    </article>
  );
}

/** A bed as this board calls it; one of another ward with its ward. */
function labelOf(board: Board, to: Guess): string {
  if (to.ward !== board.ward) return `${to.ward} · ${to.bed}`;
  return board.bed(to.bed)?.tile.peek().label ?? to.bed;
}

async function takeBack(item: string, done: () => void): Promise<void> {
  try {
    await call("POST", `/imaging/studies/${encodeURIComponent(item)}/detach`, { reason: t("sheet.undo") });
    say(t("sheet.undone"));
    done();
  } catch (e) {
    tell(e);
  }
}

/** Whose the results are said to be. */
function Claimed({ claim, accession }: { claim: Identity; accession: string }) {
  const rows = marks.map((m) => [t(`worklist.mark.${m}`), claim[m] ? markText(m, claim[m]) : t("worklist.not_said")] as const);
  return (
    <>
      <h4>{t("worklist.claimed")}</h4>
      <dl class="identity">
        {[...rows, ...(accession ? [[t("worklist.accession"), accession] as const] : [])].map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </>
  );
}
