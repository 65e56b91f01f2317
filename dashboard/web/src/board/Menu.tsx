import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../app/api";
import { chooseLang, names, soundOn, theme, volume } from "../app/prefs";
import { go, goSignIn } from "../app/route";
import { session } from "../app/session";
import type { Ward } from "../live/contract";
import type { Chime } from "../sound/sound";
import { lang, t } from "../text/locale";
import { tell } from "../sheet/acting";
import { duty } from "../staff/duty";
import { DutyLine } from "../staff/DutyLine";
import type { Panel } from "./BoardPage";
import { Choice } from "../ui/Choice";
import { Sheet } from "../ui/Sheet";

/** What can be chosen for this screen, other wards, and signing out. */
export function Menu({ ward, chime, close, show }: { ward: string; chime: Chime; close(): void; show(p: Panel): void }) {
  const wards = useSignal<Ward[]>([]);
  useEffect(() => {
    call<Ward[]>("GET", "/wards").then((list) => (wards.value = list), tell);
  }, []);
  return (
    <Sheet title={t("board.menu")} close={close}>
      <Work show={show} />
      {duty.value && (
        <section>
          <h3>{t("duty.heading")}</h3>
          <DutyLine whole />
        </section>
      )}
      <Choice label={t("board.lang")} value={lang.value} choose={speak} of={[["vi", "Tiếng Việt"], ["en", "English"]]} />
      <Choice
        label={t("board.theme")}
        value={theme.value}
        choose={(v) => (theme.value = v)}
        of={(["auto", "light", "dark"] as const).map((v) => [v, t(`board.theme.${v}`)])}
      />
      <Choice
        label={t("board.names")}
        value={names.value}
        choose={(v) => (names.value = v)}
        of={(["given", "initials", "none"] as const).map((v) => [v, t(`board.names.${v}`)])}
      />
      <Choice label={t("sound.volume")} value={volume.value} choose={(v) => (volume.value = v)} of={(["1", "2", "3"] as const).map((v) => [v, v])} />
      <div class="row">
        <button type="button" class="button" onClick={() => chime.play("high")} disabled={chime.blocked.value || soundOn.value === "off"}>
          {t("sound.test")}
        </button>
      </div>
      {wards.value.length > 1 && (
        <nav aria-label={t("board.wards")}>
          <h3>{t("board.wards")}</h3>
          <div class="row">
            {wards.value.filter((w) => w.id !== ward).map((w) => (
              <a key={w.id} class="button" href={`/board/${w.id}`}>
                {w.name}
              </a>
            ))}
          </div>
        </nav>
      )}
      {session.value && (
        <div class="sheet-end">
          <p>{t("signin.signed_in_as", { name: session.value.person.name })}</p>
          <button type="button" class="button" onClick={() => void signOut()}>
            {t("signin.sign_out")}
          </button>
        </div>
      )}
    </Sheet>
  );
}

/** Which panel is whose work. */
const work: readonly (readonly [Exclude<Panel, "menu" | "worklist">, readonly string[]])[] = [
  ["assign", ["nurse", "nurse_in_charge", "doctor"]],
  ["handover", ["nurse", "nurse_in_charge", "doctor"]],
  ["roster", ["nurse_in_charge", "administrator"]],
  ["quality", ["nurse_in_charge", "doctor", "engineer", "administrator"]],
  ["channels", ["nurse_in_charge", "engineer", "administrator"]],
];

function Work({ show }: { show(p: Panel): void }) {
  const access = session.value?.person.access ?? "";
  const mine = work.filter(([, who]) => who.includes(access));
  if (mine.length === 0) return null;
  return (
    <nav class="row" aria-label={t("board.work")}>
      {mine.map(([panel]) => (
        <button key={panel} type="button" class="button" data-panel={panel} onClick={() => show(panel)}>
          {t(`board.work.${panel}`)}
        </button>
      ))}
      <a class="button" href="/phone">
        {t("board.work.phone")}
      </a>
    </nav>
  );
}

function speak(l: "vi" | "en"): void {
  chooseLang(l);
  // Notices to this person should speak the same language; the screen does not wait for it.
  if (session.peek()) call("PATCH", "/session", { lang: l }).catch(tell);
}

async function signOut(): Promise<void> {
  try {
    await call("DELETE", "/session");
    session.value = null;
    go("/", true);
    goSignIn();
  } catch (e) {
    tell(e);
  }
}
