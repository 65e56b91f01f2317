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
import { Choice } from "../ui/Choice";
import { Sheet } from "../ui/Sheet";

/** What can be chosen for this screen, other wards, and signing out. */
export function Menu({ ward, chime, close }: { ward: string; chime: Chime; close(): void }) {
  const wards = useSignal<Ward[]>([]);
  useEffect(() => {
    call<Ward[]>("GET", "/wards").then((list) => (wards.value = list), tell);
  }, []);
  return (
    <Sheet title={t("board.menu")} close={close}>
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
