import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../app/api";
import { session } from "../app/session";
import type { Board } from "../live/board";
import { fiveSeconds } from "../live/clock";
import { tell } from "../sheet/acting";
import { moment } from "../text/format";
import { code, t } from "../text/locale";
import { Sheet } from "../ui/Sheet";
import { say } from "../ui/toast";
import type { Channel } from "./contract";

/** By which ways people are told, how each fares, and a test of each. */
export function Channels({ board, close }: { board: Board; close(): void }) {
  const list = useSignal<Channel[] | null>(null);
  const busy = useSignal("");
  const load = () => void call<Channel[]>("GET", "/channels").then((l) => (list.value = l), tell);
  useEffect(load, []);
  const mayTest = ["administrator", "engineer"].includes(session.value?.person.access ?? "");
  const test = async (c: Channel) => {
    busy.value = c.name;
    try {
      await call("POST", `/channels/${encodeURIComponent(c.name)}/test`, c.personal ? {} : { ward: board.ward });
      say(t("channel.tested"));
    } catch (e) {
      tell(e);
    }
    busy.value = "";
    load();
  };
  const loud = (list.value ?? []).some((c) => c.audible && !c.internet);
  return (
    <Sheet title={t("channel.title")} close={close}>
      {!list.value && <p class="person">{t("app.loading_part")}</p>}
      {list.value?.length === 0 && <p class="notice">{t("channel.none")}</p>}
      {(list.value ?? []).length > 0 && !loud && <p class="notice">{t("channel.none_loud")}</p>}
      <ul class="channels">
        {(list.value ?? []).map((c) => (
          <li key={c.name} class={`channel is-${c.state}`} data-channel={c.name}>
            <p>
              <b>{c.name}</b> {c.kind !== c.name && code("channel", c.kind)}
              <strong class="channel-state">{code("channel.state", c.state)}</strong>
            </p>
            <p class="small">{[t(c.personal ? "channel.personal" : "channel.group"), c.audible ? t("channel.audible") : t("channel.silent"), c.internet ? t("channel.internet") : t("channel.local")].join(" · ")}</p>
            <p class="small">{c.last_ok === null ? t("channel.never") : t("channel.last_ok", { time: moment(c.last_ok, fiveSeconds.value) })}</p>
            {c.last_error && <p class="notice">{c.last_error}</p>}
            {mayTest && (
              <button type="button" class="button" disabled={busy.value !== ""} onClick={() => void test(c)}>
                {t("channel.test")}
              </button>
            )}
          </li>
        ))}
      </ul>
    </Sheet>
  );
}
