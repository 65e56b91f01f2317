import { signal } from "@preact/signals";
import type { Alert } from "../live/contract";
import { priority, unaccepted, type Priority } from "../board/alerts";

interface Note {
  hz: number;
  at: number; // seconds from the start
  long: number; // seconds
}

// Wooden, two-note figures: unlike the even beeps of a bedside monitor (IEC 60601-1-8), so that
// nobody looks for the wrong machine. More notes and a rising line mean more haste.
const figures: Record<Priority, Note[]> = {
  high: [0, 0.34, 0.68, 1.25, 1.59, 1.93].flatMap((at) => [
    { hz: 587, at, long: 0.22 },
    { hz: 880, at: at + 0.13, long: 0.3 },
  ]),
  medium: [
    { hz: 784, at: 0, long: 0.4 },
    { hz: 659, at: 0.25, long: 0.4 },
    { hz: 523, at: 0.5, long: 0.6 },
  ],
  low: [{ hz: 523, at: 0, long: 0.7 }],
};

/** How long a figure waits before it is played again, in milliseconds. */
const interval: Record<Priority, number> = { high: 10_000, medium: 25_000, low: 60_000 };

const rank: Record<Priority, number> = { high: 3, medium: 2, low: 1 };

/**
 * Chime sounds for alerts that lack an acceptance: the most urgent at its interval, and at once for a
 * new one at least as urgent. Technical alerts sound once. It stops on acceptance, and knows
 * whether the browser lets it be heard.
 */
export class Chime {
  /** Nothing can be heard: the browser holds sound back until somebody touches the page. */
  readonly blocked = signal(true);

  private ctx: AudioContext | null = null;
  private stopped = false;
  private waiting: Alert[] = [];
  private readonly sounded = new Set<string>();
  private last = { at: -Infinity, of: 0 };
  private readonly timer = setInterval(() => this.turn(), 1000);

  constructor(
    private readonly on: () => boolean,
    private readonly loudness: () => number,
  ) {
    for (const touch of ["pointerdown", "keydown"]) addEventListener(touch, this.wake);
  }

  /** Asks the browser for sound. The first time takes it a quarter of a second: not before the first picture. */
  open(): void {
    if (this.ctx || this.stopped) return;
    this.ctx = new AudioContext();
    this.ctx.onstatechange = () => this.look();
    this.look();
  }

  stop(): void {
    this.stopped = true;
    clearInterval(this.timer);
    for (const touch of ["pointerdown", "keydown"]) removeEventListener(touch, this.wake);
    void this.ctx?.close();
  }

  /** Takes the open alerts as they now stand. */
  follow(alerts: Alert[]): void {
    this.waiting = alerts.filter(unaccepted);
    const present = new Set(this.waiting.map(sounding));
    for (const id of this.sounded) if (!present.has(id)) this.sounded.delete(id);
    this.turn();
  }

  readonly wake = (): void => {
    this.open();
    if (this.ctx && this.ctx.state !== "running") void this.ctx.resume().then(() => this.look());
  };

  /** Plays a figure now, whatever waits: the sound check, and the link's own loss. */
  play(p: Priority): void {
    if (!this.ctx || this.blocked.peek()) return;
    const out = this.ctx.createGain();
    out.gain.value = this.loudness();
    out.connect(this.ctx.destination);
    for (const note of figures[p]) strike(this.ctx, out, note);
    this.last = { at: performance.now(), of: rank[p] };
  }

  private turn(): void {
    if (!this.on() || this.blocked.peek()) return;
    const fresh = this.waiting.filter((a) => !this.sounded.has(sounding(a)));
    const repeating = this.waiting.filter((a) => a.kind !== "technical");
    const first = urgent(fresh);
    const again = urgent(repeating);
    const since = performance.now() - this.last.at;
    const due = again !== null && since >= interval[again];
    // A fresh alert does not cut a more urgent figure short; it follows at the next turn.
    const barge = first !== null && (rank[first] > this.last.of || since >= 3000);
    if (!due && !barge) return;
    for (const a of fresh) this.sounded.add(sounding(a));
    this.play(urgent([...fresh, ...repeating]) ?? "low");
  }

  private look(): void {
    this.blocked.value = this.ctx?.state !== "running";
  }
}

// A rise tells again on a new level: it sounds as a new alert.
function sounding(a: Alert): string {
  return `${a.id} ${a.level} ${a.band}`;
}

function urgent(alerts: Alert[]): Priority | null {
  let worst: Priority | null = null;
  for (const a of alerts) if (!worst || rank[priority(a)] > rank[worst]) worst = priority(a);
  return worst;
}

function strike(ctx: AudioContext, out: AudioNode, note: Note): void {
  const start = ctx.currentTime + 0.02 + note.at;
  for (const [partial, part] of [[1, 0.8], [3.9, 0.18]] as const) {
    const tone = ctx.createOscillator();
    const envelope = ctx.createGain();
    tone.frequency.value = note.hz * partial;
    envelope.gain.setValueAtTime(0.0001, start);
    envelope.gain.exponentialRampToValueAtTime(part, start + 0.012);
    envelope.gain.exponentialRampToValueAtTime(0.0001, start + note.long / (partial > 1 ? 3 : 1));
    tone.connect(envelope).connect(out);
    tone.start(start);
    tone.stop(start + note.long + 0.05);
  }
}
