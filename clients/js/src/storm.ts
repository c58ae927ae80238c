// Equal errors at a high rate: the first few pass, then one a second that says how many it stands
// for. So a loop that fails costs neither the program nor Log Center more than that.

import type { Place } from './stack.js';
import type { Report } from './types.js';

const BURST = 5;
const KEYS_MAX = 100;
/** Characters of a message that are compared. */
const MESSAGE_MAX = 200;

interface Entry {
  tokens: number;
  at: number;
  folded: number;
  last: Report | undefined;
}

/** Which errors are equal: where the place says nothing, those of one message, numbers aside. */
export const equalBy = (
  type: string,
  { file, line }: Place,
  message: string,
  isPlaceKnown: boolean,
): string =>
  `${type}\n${file}:${line}\n` +
  (isPlaceKnown ? '' : message.slice(0, MESSAGE_MAX).replace(/\d+/g, '0'));

export class Storm {
  // Not `#`, which costs the file for pages more than it hides.
  private readonly entries = new Map<string, Entry>();

  constructor(
    readonly burst = BURST,
    readonly refillMs = 1_000,
  ) {}

  /** Whether one more error of this key is sent by itself. */
  admits(key: string, now: number): boolean {
    let entry = this.entries.get(key);
    if (!entry) {
      if (this.entries.size >= KEYS_MAX) this.forgetOldest();
      entry = { tokens: this.burst, at: now, folded: 0, last: undefined };
      this.entries.set(key, entry);
    }
    const refilled = Math.floor((now - entry.at) / this.refillMs);
    if (refilled > 0) {
      entry.tokens = Math.min(this.burst, entry.tokens + refilled);
      entry.at = now;
    }
    if (entry.tokens < 1) {
      entry.folded += 1;
      return false;
    }
    entry.tokens -= 1;
    return true;
  }

  /** Notes what was sent, so that a later one can stand for the folded ones. */
  sent(key: string, report: Report): void {
    const entry = this.entries.get(key);
    if (!entry) return;
    if (entry.folded) {
      report.context.folded = entry.folded;
      entry.folded = 0;
    }
    entry.last = report;
  }

  get isFolding(): boolean {
    for (const entry of this.entries.values()) if (entry.folded) return true;
    return false;
  }

  /** One report for each key whose errors were folded; it stands for `folded` more. */
  *closing(newId: () => string): Generator<Report> {
    for (const entry of this.entries.values()) {
      if (!entry.folded || !entry.last) continue;
      const { last } = entry;
      const timestamp = new Date().toISOString();
      // Itself is one of them.
      const context = { ...last.context, folded: entry.folded - 1 };
      yield { ...last, event_id: newId(), timestamp, context };
      entry.folded = 0;
      // It is that second's one report.
      entry.tokens = 0;
      entry.at = Date.now();
    }
  }

  private forgetOldest(): void {
    for (const [key, entry] of this.entries) {
      if (!entry.folded) {
        this.entries.delete(key);
        return;
      }
    }
    const oldest = this.entries.keys().next().value;
    if (oldest !== undefined) this.entries.delete(oldest);
  }
}
