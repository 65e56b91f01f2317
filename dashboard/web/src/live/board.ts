import { batch, computed, signal, type Signal } from "@preact/signals";
import type { Alert, Delta, NamesMode, Snapshot, System, Tile } from "./contract";
import { now, setServerTime } from "./clock";
import { Link } from "./link";
import { SparkBuffer } from "./sparkbuffer";

/** What one bed shows. A tile's signal changes alone: no other bed is drawn again for it. */
export interface Bed {
  readonly id: string;
  readonly tile: Signal<Tile>;
  readonly spark: SparkBuffer;
}

export type LinkState = "opening" | "live" | "lost" | "signed_out" | "refused";

/** Board is one ward as the server last told it, and how far that can be trusted. */
export class Board {
  readonly name = signal("");
  readonly simulation = signal(false);
  readonly system = signal<System[]>([]);
  readonly limits = signal<Record<string, number>>({});
  readonly link = signal<LinkState>("opening");
  /** Server time of the last word heard; zero before the first. */
  readonly heard = signal(0);
  /** Beds in the order of a round; changes only when beds come or go. */
  readonly beds = signal<Bed[]>([]);

  /** All open alerts of the ward. */
  readonly alerts = computed<Alert[]>(() => this.beds.value.flatMap((b) => b.tile.value.alerts));

  private version = "";
  private stream: Link | null = null;

  constructor(readonly ward: string) {}

  open(names: NamesMode): void {
    this.stream?.close();
    const url = `/api/v1/wards/${encodeURIComponent(this.ward)}/stream?names=${names}`;
    const stream: Link = new Link(url, {
      message: (m) => {
        try {
          this.take(m.event, JSON.parse(m.data));
        } catch (e) {
          console.warn("unreadable event", m.event, e);
          stream.restart();
        }
      },
      lost: () => (this.link.value = "lost"),
      refused: (status) => (this.link.value = status === 401 ? "signed_out" : "refused"),
    });
    this.stream = stream;
  }

  close(): void {
    this.stream?.close();
    this.stream = null;
  }

  /** Puts in place what an action's answer says, without waiting for the stream. */
  replaceAlert(alert: Alert): void {
    const bed = this.bed(alert.bed);
    if (!bed) return;
    const tile = bed.tile.peek();
    const known = tile.alerts.find((a) => a.id === alert.id);
    if (known && known.version > alert.version) return;
    const others = tile.alerts.filter((a) => a.id !== alert.id);
    bed.tile.value = { ...tile, alerts: alert.state === "resolved" ? others : [...others, alert] };
  }

  bed(id: string): Bed | undefined {
    return this.beds.peek().find((b) => b.id === id);
  }

  private take(event: string, body: unknown): void {
    batch(() => {
      if (event === "snapshot") this.snapshot(body as Snapshot);
      else if (event === "delta") this.delta(body as Delta);
      else if (event === "heartbeat") setServerTime((body as { time: number }).time);
      else return;
      this.heard.value = now();
      if (this.version) this.link.value = "live"; // a heartbeat before the first picture shows nothing
    });
  }

  private snapshot(s: Snapshot): void {
    if (this.version && s.version !== this.version) return location.reload();
    this.version = s.version;
    setServerTime(s.time);
    this.name.value = s.ward.name;
    this.simulation.value = s.simulation;
    this.limits.value = s.limits;
    this.system.value = s.system ?? [];
    const old = new Map(this.beds.peek().map((b) => [b.id, b]));
    this.setBeds(s.tiles.map((tile) => this.bedFor(tile, old.get(tile.bed))));
  }

  private delta(d: Delta): void {
    setServerTime(d.time);
    if (d.system) this.system.value = d.system;
    const gone = new Set(d.gone ?? []);
    const fresh: Bed[] = [];
    for (const tile of d.tiles ?? []) {
      const bed = this.bed(tile.bed);
      if (!bed) {
        fresh.push(this.bedFor(tile, undefined));
        continue;
      }
      bed.tile.value = { ...tile, alerts: newest(tile.alerts, bed.tile.peek().alerts) };
      bed.spark.follow(tile, now());
    }
    if (gone.size > 0 || fresh.length > 0) {
      this.setBeds([...this.beds.peek().filter((b) => !gone.has(b.id)), ...fresh]);
    }
  }

  private bedFor(tile: Tile, old: Bed | undefined): Bed {
    const bed = old ?? { id: tile.bed, tile: signal(tile), spark: new SparkBuffer() };
    bed.tile.value = tile;
    bed.spark.load(tile.spark ?? null, now());
    return bed;
  }

  private setBeds(beds: Bed[]): void {
    this.beds.value = beds.sort((a, b) => a.tile.peek().order - b.tile.peek().order || (a.id < b.id ? -1 : 1));
  }
}

// An action's answer can overtake the stream; a picture older than it must not undo it on screen.
function newest(told: Alert[], shown: Alert[]): Alert[] {
  return told.map((a) => shown.find((s) => s.id === a.id && s.version > a.version) ?? a);
}
