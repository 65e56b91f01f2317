import { EventParser, type Message } from "./sse";

/** Two missed heartbeats of five seconds: after this long without a word the link counts as lost. */
export const silenceLimit = 10_000;

export interface LinkEvents {
  message(m: Message): void;
  /** The link has been silent for too long, or could not be made. */
  lost(): void;
  /** The server refuses this session (401) or this ward (403, 404). */
  refused(status: number): void;
}

/**
 * Link keeps one event stream open for as long as it lives. It reads the stream with fetch rather
 * than EventSource: only so can a new attempt carry Last-Event-ID after an error, tell a refusal
 * from an outage, and drop a connection that is open but silent.
 */
export class Link {
  private lastID = "";
  private heard = moment();
  private started = moment();
  private attempt = 0;
  private abort: AbortController | null = null;
  private retry: number | undefined;
  private readonly watch: number;
  private closed = false;

  constructor(
    private readonly url: string,
    private readonly events: LinkEvents,
  ) {
    this.watch = window.setInterval(this.check, 1000);
    document.addEventListener("visibilitychange", this.check);
    window.addEventListener("online", this.again);
    void this.open();
  }

  close(): void {
    this.closed = true;
    clearInterval(this.watch);
    clearTimeout(this.retry);
    document.removeEventListener("visibilitychange", this.check);
    window.removeEventListener("online", this.again);
    this.abort?.abort();
  }

  private async open(): Promise<void> {
    const abort = new AbortController();
    this.abort = abort;
    this.started = moment();
    try {
      const headers: Record<string, string> = { Accept: "text/event-stream" };
      if (this.lastID) headers["Last-Event-ID"] = this.lastID;
      const res = await fetch(this.url, { headers, signal: abort.signal, cache: "no-store" });
      if (res.status === 401 || res.status === 403 || res.status === 404) {
        this.close();
        this.events.refused(res.status);
        return;
      }
      if (!res.ok || !res.body) throw new Error(`stream answered ${res.status}`);
      await this.read(res.body);
    } catch {
      // An outage of any kind is shown by the watch and mended by the retry.
    }
    if (this.abort !== abort) return; // a newer attempt has taken over
    this.abort = null;
    this.schedule();
  }

  private async read(body: ReadableStream<Uint8Array>): Promise<void> {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    const parser = new EventParser((m) => {
      this.lastID = m.id;
      this.attempt = 0;
      this.events.message(m);
    });
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.heard = moment();
      parser.push(decoder.decode(value, { stream: true }));
    }
  }

  /** Forgets the place in the stream and asks for a whole picture. */
  restart(): void {
    this.lastID = "";
    this.again();
  }

  private schedule(): void {
    if (this.closed) return;
    const wait = Math.min(5000, 300 * 2 ** this.attempt++) * (0.7 + 0.6 * Math.random());
    clearTimeout(this.retry);
    this.retry = window.setTimeout(() => void this.open(), wait);
  }

  private readonly again = (): void => {
    if (this.closed) return;
    clearTimeout(this.retry);
    this.abort?.abort();
    void this.open();
  };

  private readonly check = (): void => {
    if (since(this.heard) < silenceLimit) return;
    this.events.lost();
    // Open but silent, or an attempt that hangs: neither mends itself.
    if (this.abort && since(this.started) >= silenceLimit) this.again();
  };
}

interface Moment {
  wall: number;
  steady: number;
}

function moment(): Moment {
  return { wall: Date.now(), steady: performance.now() };
}

// The wall clock is asked too: while a machine sleeps the steady clock may stand still.
function since(m: Moment): number {
  return Math.max(performance.now() - m.steady, Date.now() - m.wall);
}
