import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { ApiError, call } from "../app/api";
import { goSignIn } from "../app/route";
import { now } from "../live/clock";

/** What the server was asked for again and again. */
export interface Followed<T> {
  /** The last answer; null before the first. */
  got: T | null;
  /** Server time of it; zero before the first. */
  heard: number;
  /** The last attempt failed: what is shown is old. */
  lost: boolean;
  /** Why it will not be given: 403 or 404; zero while it may. */
  refused: number;
  /** Asks at once. */
  ask(): void;
}

/** Asks for path at once, whenever the page comes into view or the network comes back, and every so often while it is in view. */
export function useFollowed<T>(path: string, every: number): Followed<T> {
  const got = useSignal<T | null>(null);
  const heard = useSignal(0);
  const lost = useSignal(false);
  const refused = useSignal(0);
  const ask = useRef(() => {});
  useEffect(() => {
    let over = false;
    let asking = false;
    ask.current = () => {
      if (over || asking || document.hidden) return;
      asking = true;
      call<T>("GET", path)
        .then((answer) => {
          if (over) return;
          got.value = answer;
          heard.value = now();
          lost.value = false;
          refused.value = 0;
        })
        .catch((e) => {
          if (over) return;
          const status = e instanceof ApiError ? e.status : 0;
          if (status === 401) goSignIn();
          else if (status === 403 || status === 404) refused.value = status;
          else lost.value = true;
        })
        .finally(() => (asking = false));
    };
    const again = () => ask.current();
    const offline = () => (lost.value = true);
    again();
    const timer = setInterval(again, every);
    document.addEventListener("visibilitychange", again);
    addEventListener("online", again);
    addEventListener("offline", offline);
    return () => {
      over = true;
      clearInterval(timer);
      document.removeEventListener("visibilitychange", again);
      removeEventListener("online", again);
      removeEventListener("offline", offline);
    };
  }, [path, every]);
  return { got: got.value, heard: heard.value, lost: lost.value, refused: refused.value, ask: () => ask.current() };
}
