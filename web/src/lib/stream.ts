/** One open live stream that comes back whatever happens. Knows nothing of the page. */
import { EVENTS, readTold, type Told } from './happening';

/** The first pause after a failure, and the longest. */
const PAUSE_MS = 1_000;
const PAUSE_MS_MAX = 60_000;

/** How long to wait after so many failures in a row: longer each time, and not all at once. */
export function pauseMs(failures: number, random: number): number {
  const whole = Math.min(PAUSE_MS_MAX, PAUSE_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(whole * (0.5 + random / 2));
}

/** What a browser's `EventSource` offers, as far as it is needed. */
export interface Source {
  readonly readyState: number;
  addEventListener(name: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

/** `readyState` of a source that will not try again by itself. */
const CLOSED = 2;

interface Listener {
  /** `null`: something may have been missed, everything is to be read again. */
  heard: (told: Told | null) => void;
  /** Whether it is open; not called by `stop`. */
  changed: (live: boolean) => void;
}

export class Stream {
  private source: Source | null = null;
  private lastId: string | null = null;
  private failures = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly open: (lastId: string | null) => Source,
    private readonly listener: Listener,
    private readonly random: () => number = Math.random,
  ) {}

  start(): void {
    if (!this.source && this.timer === undefined) this.connect();
  }

  /** Until the next start, which goes on behind the newest message. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.source?.close();
    this.source = null;
    this.failures = 0;
  }

  private connect(): void {
    this.timer = undefined;
    const source = (this.source = this.open(this.lastId));
    const isResumed = this.lastId !== null && this.failures === 0;
    let first = true;
    const listen = (name: string, heard: (event: MessageEvent<string>) => void): void =>
      source.addEventListener(name, (event) => {
        if (this.source === source) heard(event);
      });
    listen('open', () => {
      this.failures = 0;
      this.listener.changed(true);
      if (!isResumed || !first) this.listener.heard(null);
      first = false;
    });
    listen('error', () => {
      this.listener.changed(false);
      if (source.readyState !== CLOSED) return;
      // After any answer but 200 a browser gives up.
      this.source = null;
      this.failures += 1;
      this.timer = setTimeout(() => this.connect(), pauseMs(this.failures, this.random()));
    });
    listen('reset', (event) => {
      this.lastId = event.lastEventId;
      this.listener.heard(null);
    });
    for (const name of EVENTS) {
      listen(name, (event) => {
        this.lastId = event.lastEventId;
        this.listener.heard(readTold(name, event.data));
      });
    }
  }
}
