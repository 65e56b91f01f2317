import { effect, useSignal } from "@preact/signals";
import { useLayoutEffect, useMemo } from "preact/hooks";
import { kiosk, goSignIn } from "../app/route";
import { names, soundOn, volume } from "../app/prefs";
import { Board } from "../live/board";
import { startClock } from "../live/clock";
import { Chime } from "../sound/sound";
import { lang, t } from "../text/locale";
import { fetchLater, later } from "../ui/later";
import { Toasts } from "../ui/toast";
import { BedSheet } from "../sheet/BedSheet";
import { Announcer } from "./Announcer";
import { BoardContext } from "./context";
import { flash } from "./flash";
import { Footer } from "./Footer";
import { Grid } from "../grid/Grid";
import { Header } from "./Header";
import { Lost } from "./Lost";
import { Menu } from "./Menu";
import { Painter } from "../tile/spark";
import { Strip } from "./Strip";
import { keepAwake } from "./awake";
import { followDuty } from "../staff/duty";
import { DutyLine } from "../staff/DutyLine";
import { assigning, choose, mine } from "../staff/mine";
import { followWaiting } from "./waiting";

const staff = () => import("../staff/parts");
const panels = {
  worklist: later(() => import("../imaging/Worklist").then((m) => m.Worklist)),
  assign: later(() => staff().then((m) => m.Assign)),
  handover: later(() => staff().then((m) => m.HandOvers)),
  roster: later(() => staff().then((m) => m.Roster)),
  quality: later(() => staff().then((m) => m.Quality)),
  channels: later(() => staff().then((m) => m.Channels)),
};

/** What opens beside the board. */
export type Panel = "menu" | keyof typeof panels;

const loudness = { "1": 0.12, "2": 0.35, "3": 0.9 };
/** How long after the first word from the server the browser is asked for sound: the first picture goes before. */
const soundAfter = 300;
/** How long after it the rest of the front end is fetched. */
const restAfter = 1500;
/** How often a lost link is heard. */
const lostEvery = 60_000;

/** The ward board, with a bed open where the address names one. */
export function BoardPage({ ward, bed: first }: { ward: string; bed: string }) {
  const parts = useMemo(() => assemble(ward), [ward]);
  const { board, chime, painter } = parts;
  const bed = useSignal(first);
  const panel = useSignal<"" | Panel>("");
  useLayoutEffect(() => run(parts), [parts]); // before the first paint: the stream is asked for at once
  const shared = useMemo(
    () => ({
      limits: board.limits,
      names,
      painter,
      open: (id: string) => {
        const stay = board.bed(id)?.tile.peek().stay?.id;
        if (assigning.peek()) return void (stay && choose(stay));
        panel.value = "";
        bed.value = id;
      },
      still: kiosk,
    }),
    [parts],
  );
  if (board.link.value === "refused") return <p class="page-note">{t("ward.not_found")}</p>;
  const Opened = panel.value && panel.value !== "menu" ? panels[panel.value] : null;
  const show = (which: Panel) => {
    bed.value = "";
    panel.value = which;
  };
  const close = () => (panel.value = "");
  return (
    <BoardContext.Provider value={shared}>
      <div class={`board${board.link.value === "lost" ? " is-lost" : ""}${kiosk ? " is-kiosk" : ""}`}>
        <Header board={board} chime={chime} show={show} />
        <main class="board-main">
          <Strip board={board} open={shared.open} still={kiosk} />
          <Grid board={board} />
          <Lost board={board} />
        </main>
        <footer class="board-foot">
          <DutyLine />
          <Footer />
        </footer>
        {board.simulation.value && <div class={`watermark watermark-${lang.value}`} aria-hidden="true" />}
        {bed.value && <BedSheet key={bed.value} board={board} bed={bed.value} close={() => (bed.value = "")} />}
        {panel.value === "menu" && <Menu ward={ward} chime={chime} close={close} show={show} />}
        {Opened && <Opened board={board} close={close} />}
        <Toasts />
        <Announcer board={board} />
      </div>
    </BoardContext.Provider>
  );
}

interface Parts {
  board: Board;
  chime: Chime;
  painter: Painter;
}

function assemble(ward: string): Parts {
  return {
    board: new Board(ward),
    chime: new Chime(
      () => soundOn.peek() === "on",
      () => loudness[volume.peek()],
    ),
    painter: new Painter(),
  };
}

// Everything the board keeps running while it is shown, and its end.
function run({ board, chime, painter }: Parts): () => void {
  const stops = [
    startClock(),
    keepAwake(),
    followWaiting(),
    followDuty(board.ward),
    () => (mine.value = false),
    flash(board),
    effect(() => board.open(names.value)),
    effect(() => chime.follow(board.link.value === "lost" ? [] : board.alerts.value)),
    effect(() => {
      if (board.link.value !== "opening") setTimeout(() => chime.open(), soundAfter);
    }),
    effect(() => {
      if (board.link.value === "live" && !kiosk) setTimeout(fetchLater, restAfter);
    }),
    effect(() => {
      document.title = board.name.value ? `${board.name.value} · Wardwatch` : "Wardwatch";
    }),
    effect(() => {
      if (board.link.value === "signed_out") goSignIn();
    }),
    effect(() => {
      if (board.link.value !== "lost" || soundOn.value !== "on") return;
      chime.play("medium");
      const timer = setInterval(() => chime.play("medium"), lostEvery);
      return () => clearInterval(timer);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
    board.close();
    chime.stop();
    painter.stop();
  };
}
