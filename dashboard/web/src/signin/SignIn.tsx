import { useSignal } from "@preact/signals";
import { ApiError, call } from "../app/api";
import { chooseLang } from "../app/prefs";
import { go } from "../app/route";
import { session } from "../app/session";
import type { Session } from "../live/contract";
import { zone } from "../text/format";
import { lang, t } from "../text/locale";
import { Choice } from "../ui/Choice";
import { Field } from "../ui/Field";
import { Footer } from "../board/Footer";

export function SignIn({ next }: { next: string }) {
  const login = useSignal("");
  const password = useSignal("");
  const busy = useSignal(false);
  const wrong = useSignal("");
  const submit = async () => {
    if (busy.value) return;
    busy.value = true;
    wrong.value = "";
    try {
      const s = await call<Session>("POST", "/session", { login: login.value.trim(), password: password.value });
      session.value = s;
      zone.value = s.zone;
      go(next, true);
    } catch (e) {
      wrong.value = reason(e);
    } finally {
      password.value = "";
      busy.value = false;
    }
  };
  return (
    <div class="page">
      <main class="signin">
        <h1>Wardwatch</h1>
        <form class="form" onSubmit={(e) => { e.preventDefault(); void submit(); }}>
          <Field name="login" label={t("signin.login")} value={login.value} input={(v) => (login.value = v)} autocomplete="username" />
          <Field name="password" label={t("signin.password")} type="password" value={password.value} input={(v) => (password.value = v)} autocomplete="current-password" />
          <p role="alert" class="field-error">
            {wrong.value}
          </p>
          <button type="submit" class="button button-main" disabled={busy.value}>
            {t("signin.submit")}
          </button>
        </form>
        <Choice label={t("board.lang")} value={lang.value} choose={chooseLang} of={[["vi", "Tiếng Việt"], ["en", "English"]]} />
      </main>
      <Footer />
    </div>
  );
}

function reason(e: unknown): string {
  if (!(e instanceof ApiError)) return t("error.unexpected");
  if (e.status === 429) return t("signin.locked");
  return e.status === 401 || e.status === 403 || e.status === 400 ? t("signin.failed") : e.message;
}
