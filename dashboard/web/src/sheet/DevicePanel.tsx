import { useSignal } from "@preact/signals";
import { call } from "../app/api";
import { mayAct } from "../app/session";
import type { Board } from "../live/board";
import { fiveSeconds } from "../live/clock";
import type { Tile } from "../live/contract";
import { age } from "../text/format";
import { code, t } from "../text/locale";
import { say } from "../ui/toast";
import { tell } from "./acting";

/** The bed's monitor: which, how it is, and whether somebody has confirmed that it is on this person. */
export function DevicePanel({ board, tile }: { board: Board; tile: Tile }) {
  const device = tile.device;
  return (
    <section>
      <h3>{device ? code("device", device.state) : t("device.none")}</h3>
      {device && (
        <p class="person">
          {device.id}
          {device.seen ? ` · ${age(fiveSeconds.value - device.seen, true)}` : ""}
          {device.battery !== null && ` · ${t("device.battery", { n: Math.round(device.battery * 100) })}`}
        </p>
      )}
      {mayAct() && <Attach board={board} tile={tile} />}
    </section>
  );
}

function Attach({ board, tile }: { board: Board; tile: Tile }) {
  const other = useSignal("");
  const attach = async (device: string) => {
    try {
      await call("POST", `/wards/${encodeURIComponent(board.ward)}/beds/${encodeURIComponent(tile.bed)}/device`, { device, confirm: true });
      say(t("device.confirmed"));
      other.value = "";
    } catch (e) {
      tell(e);
    }
  };
  const device = tile.device;
  return (
    <>
      {device?.id && !device.confirmed && (
        <p class="row">
          <button type="button" class="button button-main" onClick={() => void attach(device.id)}>
            {t("device.confirm", { device: device.id })}
          </button>
        </p>
      )}
      <form
        class="row"
        onSubmit={(e) => {
          e.preventDefault();
          if (other.value.trim()) void attach(other.value.trim());
        }}
      >
        <input aria-label={t("device.id")} placeholder={t("device.id")} maxLength={64} value={other.value} onInput={(e) => (other.value = e.currentTarget.value)} />
        <button type="submit" class="button" disabled={!other.value.trim()}>
          {t("device.swap")}
        </button>
      </form>
    </>
  );
}
