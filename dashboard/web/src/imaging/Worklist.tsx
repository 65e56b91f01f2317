import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { call } from "../app/api";
import { count } from "../board/waiting";
import type { Board } from "../live/board";
import { t } from "../text/locale";
import { Sheet } from "../ui/Sheet";
import type { Worklist as List } from "./contract";
import { WaitingItem } from "./WaitingItem";

/** The results that wait for a person to say whose they are. */
export function Worklist({ board, close }: { board: Board; close(): void }) {
  const list = useSignal<List | null>(null);
  const failed = useSignal(false);
  const ask = () => {
    call<List>("GET", "/imaging/worklist").then(
      (got) => {
        list.value = got;
        failed.value = false;
        count.value = got.total;
      },
      () => (failed.value = true),
    );
  };
  useEffect(ask, []);
  const items = list.value?.items ?? [];
  const more = (list.value?.total ?? 0) - items.length;
  return (
    <Sheet title={t("worklist.title")} close={close}>
      {failed.value && (
        <p class="notice">
          {t("imaging.failed")}{" "}
          <button type="button" class="button" onClick={ask}>
            {t("app.again")}
          </button>
        </p>
      )}
      {!failed.value && (list.value ? <p class="person">{t(items.length > 0 ? "worklist.what" : "worklist.none")}</p> : <p class="person">{t("app.loading_part")}</p>)}
      {items.map((item) => (
        <WaitingItem key={item.id} item={item} board={board} done={ask} />
      ))}
      {more > 0 && <p class="person">{t("worklist.more", { n: more })}</p>}
    </Sheet>
  );
}
