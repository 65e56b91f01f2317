import { mayOrder } from "../app/session";
import { t } from "../text/locale";
import type { Finding, Word } from "./contract";
import { findingName, scoreText, standing } from "./words";

interface Props {
  finding: Finding;
  at: number;
  busy: boolean;
  /** The map is what is shown of the picture now. */
  mapped: boolean;
  toggleMap(): void;
  judge(word: Word): void;
}

/** One finding in words, with a doctor's word on it in one step. */
export function FindingLine({ finding: f, at, busy, mapped, toggleMap, judge }: Props) {
  return (
    <li id={`finding-${f.id}`} class={`finding${f.unread ? " is-unread" : ""}`} tabIndex={-1}>
      <b class="finding-name">{findingName(f)}</b>
      <span class={f.unread ? "finding-unread" : ""}>{standing(f, at)}</span>
      <span class="small">{scoreText(f)}</span>
      {(f.map || (mayOrder() && !f.by_person)) && (
        <div class="row">
          {mayOrder() && !f.by_person && <Deeds finding={f} busy={busy} judge={judge} />}
          {f.map && (
            <button type="button" class="button" aria-pressed={mapped} onClick={toggleMap}>
              {t("imaging.map")}
            </button>
          )}
        </div>
      )}
    </li>
  );
}

/**
 * A doctor's word: given where there is none, else taken back. Both answers weigh the same: a screen that
 * leans to one of them makes people agree with the model.
 */
export function Deeds({ finding: f, busy, judge }: { finding: Finding; busy: boolean; judge(word: Word): void }) {
  const of = findingName(f);
  const deed = (word: Word, text: string) => (
    <button type="button" class="button" data-word={word || "undo"} aria-label={`${text}: ${of}`} disabled={busy} onClick={() => judge(word)}>
      {text}
    </button>
  );
  if (f.confirmed) return deed("", t("imaging.take_back"));
  return (
    <>
      {deed("confirmed", t("imaging.confirm"))}
      {deed("rejected", t("imaging.reject"))}
    </>
  );
}
