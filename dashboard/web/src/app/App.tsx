import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { BoardPage } from "../board/BoardPage";
import { setServerTime } from "../live/clock";
import type { Session, Ward } from "../live/contract";
import { SignIn } from "../signin/SignIn";
import { later } from "../ui/later";
import { zone } from "../text/format";
import { lang, t } from "../text/locale";
import { ApiError, call } from "./api";
import { hasLang } from "./prefs";
import { go, goSignIn, route } from "./route";
import { session } from "./session";

const PhonePage = later(() => import("../phone/PhonePage").then((m) => m.PhonePage));

/** The page for the present address. A board opens its stream without waiting for the session. */
export function App() {
  useEffect(() => void whoAmI(), []);
  const r = route.value;
  if (r.page === "signin") return <SignIn next={r.next} />;
  if (r.page === "board") return <BoardPage key={r.ward} ward={r.ward} bed={r.bed} />;
  if (r.page === "phone") return <PhonePage alert={r.alert} />;
  return <Home />;
}

async function whoAmI(): Promise<void> {
  try {
    const s = await call<Session>("GET", "/session");
    setServerTime(s.time);
    zone.value = s.zone;
    if (!hasLang() && (s.person.lang === "vi" || s.person.lang === "en")) lang.value = s.person.lang;
    session.value = s;
    if (route.peek().page === "signin") go((route.peek() as { next: string }).next, true);
  } catch (e) {
    if (!(e instanceof ApiError) || e.status !== 401) {
      setTimeout(() => void whoAmI(), 3000); // the server is away; the board shows that itself
      return;
    }
    session.value = null;
    goSignIn();
  }
}

/** The only ward opens at once; among several the person chooses. */
function Home() {
  const wards = useSignal<Ward[] | null>(null);
  const signedIn = !!session.value;
  useEffect(() => {
    if (!signedIn) return;
    call<Ward[]>("GET", "/wards").then(
      (list) => {
        if (list.length === 1 && list[0]) go(`/board/${list[0].id}`, true);
        else wards.value = list;
      },
      () => (wards.value = []),
    );
  }, [signedIn]);
  if (!wards.value) return <p class="page-note">{t("app.loading")}</p>;
  return (
    <div class="page">
      <main class="chooser">
        <h1>{t("ward.choose")}</h1>
        {wards.value.length === 0 && <p>{t("ward.none")}</p>}
        <ul>
          {wards.value.map((w) => (
            <li key={w.id}>
              <a class="button" href={`/board/${w.id}`}>
                <b>{w.name}</b> {t("ward.beds", { n: w.beds })}
              </a>
            </li>
          ))}
        </ul>
      </main>
    </div>
  );
}
