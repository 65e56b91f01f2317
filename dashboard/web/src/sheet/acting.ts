import { useMemo } from "preact/hooks";
import { signal, type Signal } from "@preact/signals";
import { ApiError, call } from "../app/api";
import type { Board } from "../live/board";
import type { Alert } from "../live/contract";
import { bedName } from "../text/format";
import { t } from "../text/locale";
import { say } from "../ui/toast";

export type Deed = "see" | "accept" | "decline" | "at_bedside" | "resolve" | "snooze" | "escalate" | "on_way" | "plan";

export interface Acting {
  busy: Signal<boolean>;
  act(alert: Alert, deed: Deed, extra?: { reason?: string; until?: number }): Promise<boolean>;
}

/** Sends a person's deeds to the server, one at a time, and says what came of each. */
export function useActing(board: Board): Acting {
  return useMemo(() => {
    const busy = signal(false);
    const act: Acting["act"] = async (alert, deed, extra) => {
      if (busy.peek()) return false;
      busy.value = true;
      try {
        const now = await call<Alert>("POST", `/alerts/${encodeURIComponent(alert.id)}/actions`, { do: deed, level: alert.level, ...extra });
        board.replaceAlert(now);
        const label = bedName(board.bed(alert.bed)?.tile.peek().label ?? alert.bed);
        say(deed === "accept" ? t("alert.accepted_ok", { bed: label }) : t("alert.done_ok"));
        return true;
      } catch (e) {
        tell(e);
        return false;
      } finally {
        busy.value = false;
      }
    };
    return { busy, act };
  }, [board]);
}

/** Shows what went wrong, with its hint. */
export function tell(e: unknown): void {
  if (e instanceof ApiError) say([e.message, e.hint].filter((s, i, all) => s && all.indexOf(s) === i).join(" "), "bad");
  else say(t("error.unexpected"), "bad");
}
