import { call } from "../app/api";
import { t } from "../text/locale";
import { say } from "../ui/toast";
import { tell } from "./acting";

/** Does one thing to a stay and says so; with a way back, that is offered for a minute. */
export async function change(stay: string, deed: string, body: unknown, back?: () => void): Promise<boolean> {
  try {
    await call("POST", `/stays/${encodeURIComponent(stay)}/${deed}`, body);
  } catch (e) {
    tell(e);
    return false;
  }
  say(t("sheet.saved"), "good", back ?? null);
  return true;
}

/** Takes back the stay's last admission, transfer or discharge. */
export async function undo(stay: string): Promise<void> {
  try {
    await call("POST", `/stays/${encodeURIComponent(stay)}/undo`, {});
    say(t("sheet.undone"));
  } catch (e) {
    tell(e);
  }
}

/** Ends being off the ward. */
export function returnToWard(stay: string): Promise<boolean> {
  return change(stay, "return", {});
}
