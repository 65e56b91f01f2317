import { useSignal } from "@preact/signals";
import { call } from "../app/api";
import { mayOrder } from "../app/session";
import { useOfBed, versionOf } from "../assess/fetch";
import type { Board } from "../live/board";
import { fiveSeconds } from "../live/clock";
import type { Tile } from "../live/contract";
import { tell } from "../sheet/acting";
import { code, t } from "../text/locale";
import { say } from "../ui/toast";
import type { Finding, Findings, Word } from "./contract";
import { Deeds, FindingLine } from "./FindingLine";
import { NotTheirs } from "./NotTheirs";
import { Picture } from "./Picture";
import { agedText, findingName, standing, takenText, warningText } from "./words";

/** How often what imaging says is asked for anew, where no new assessment tells that it has changed. */
const every = 60_000;

/** What imaging shows of the person in the bed: each picture with what is said of it, and what no longer counts. */
export function Pictures({ board, tile }: { board: Board; tile: Tile }) {
  const at = fiveSeconds.value;
  const { got, failed, put, ask } = useOfBed<Findings>(board.ward, tile, "findings", `${versionOf(tile)} ${Math.floor(at / every)}`);
  const busy = useSignal(false);
  if (failed && !got) return <p class="notice">{t("imaging.failed")}</p>;
  if (!got || got.findings.length === 0) return null;
  const judge = async (f: Finding, word: Word): Promise<void> => {
    if (busy.peek()) return;
    busy.value = true;
    try {
      const now = await call<Finding>("POST", `/findings/${encodeURIComponent(f.id)}/confirmation`, { word, score: f.score, produced: f.produced });
      put({ ...got, findings: got.findings.map((x) => (x.id === now.id ? now : x)) });
      say(word ? code("imaging.said", word, { finding: findingName(now) }) : t("sheet.undone"), "good", word ? () => void judge(now, f.confirmed) : null);
    } catch (e) {
      tell(e);
      ask(); // it may say something else by now
    } finally {
      busy.value = false;
    }
  };
  const counting = got.findings.filter((f) => f.there && !f.withdrawn);
  const rest = got.findings.filter((f) => !counting.includes(f));
  return (
    <section class="imaging">
      <h3>{t("imaging.heading")}</h3>
      {byPicture(counting).map((of) => (
        <OnePicture key={of[0]!.image} findings={of} at={at} busy={busy.value} judge={judge} gone={ask} />
      ))}
      {rest.length > 0 && <Rest findings={rest} at={at} busy={busy.value} judge={judge} />}
    </section>
  );
}

// The newest picture first; of one picture, what nobody has confirmed first.
function byPicture(findings: Finding[]): Finding[][] {
  const groups = new Map<string, Finding[]>();
  for (const f of findings) groups.set(f.image, [...(groups.get(f.image) ?? []), f]);
  const newest = (of: Finding[]) => Math.max(...of.map((f) => f.acquired ?? 0));
  return [...groups.values()].map((of) => of.sort((a, b) => Number(b.unread) - Number(a.unread))).sort((a, b) => newest(b) - newest(a));
}

interface PictureProps {
  findings: Finding[];
  at: number;
  busy: boolean;
  judge(f: Finding, word: Word): Promise<void>;
  gone(): void;
}

function OnePicture({ findings, at, busy, judge, gone }: PictureProps) {
  const map = useSignal("");
  const first = findings[0]!;
  const pictured = findings.find((f) => f.picture);
  const mapped = findings.find((f) => f.id === map.value) ?? null;
  const warnings = [...new Set(findings.flatMap((f) => f.warnings))].filter((w) => w !== "demonstration");
  return (
    <article class={`study is-${first.age}`}>
      <h4>{takenText(first)}</h4>
      <p>
        {agedText(first, at)}
        {first.age !== "fresh" && <b> · {t(`imaging.age.${first.age}`)}</b>}
      </p>
      {first.demonstration && !pictured && <p class="notice">{t("imaging.demonstration")}</p>}
      {pictured && <Picture of={pictured} map={mapped} />}
      {warnings.length > 0 && (
        <ul class="notice">
          {warnings.map((w) => (
            <li key={w}>{warningText(w)}</li>
          ))}
        </ul>
      )}
      <ul class="findings">
        {findings.map((f) => (
          <FindingLine key={f.id} finding={f} at={at} busy={busy} mapped={f === mapped} toggleMap={() => (map.value = f === mapped ? "" : f.id)} judge={(w) => void judge(f, w)} />
        ))}
      </ul>
      <Origin findings={findings} />
      <NotTheirs finding={first.id} done={gone} />
    </article>
  );
}

/** Which models spoke, and by what number the picture is found elsewhere. */
function Origin({ findings }: { findings: Finding[] }) {
  const models = [...new Set(findings.filter((f) => f.model).map((f) => t("risk.model", { model: f.model, version: f.version })))];
  const accession = findings.find((f) => f.accession)?.accession;
  const facts = [...models, accession ? t("imaging.accession", { number: accession }) : ""].filter(Boolean);
  return facts.length > 0 ? <p class="small">{facts.join(" · ")}</p> : null;
}

/** What counts for nothing, folded: rejected, overtaken, or not seen by the AI, which rules nothing out. */
function Rest({ findings, at, busy, judge }: Omit<PictureProps, "gone">) {
  return (
    <details class="small imaging-rest">
      <summary>{t("imaging.rest", { n: findings.length })}</summary>
      <ul class="findings">
        {findings.map((f) => (
          <li key={f.id} class="finding">
            <b>{findingName(f)}</b>
            <span>{f.withdrawn ? code("imaging.withdrawn", f.withdrawn) : t("imaging.withdrawn.absent")}</span>
            <span>{[takenText(f), agedText(f, at), f.confirmed ? standing(f, at) : ""].filter(Boolean).join(" · ")}</span>
            {f.confirmed && mayOrder() && (
              <div class="row">
                <Deeds finding={f} busy={busy} judge={(w) => void judge(f, w)} />
              </div>
            )}
          </li>
        ))}
      </ul>
    </details>
  );
}
