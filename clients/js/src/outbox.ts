// Reports on their way out: a bounded queue and one request at a time. Nothing here throws, and a
// program that only waits for Log Center may end.

import { safeText } from './safe.js';
import type { Report } from './types.js';

/** What Log Center answered; a rejected promise means that it could not be reached. */
export interface Answer {
  status: number;
  retryAfter?: string | null;
}
/** Sends one report, or an array of them to the batch route. */
export type Post = (body: string, isBatch: boolean) => Promise<Answer>;

export interface Item {
  body: string;
  isRetried: boolean;
}

const BATCH_MAX = 50;
const BATCH_CHARACTERS_MAX = 1_000_000;
/** Characters that wait at most, beside the number of reports. */
const WAITING_CHARACTERS_MAX = 4_000_000;
/** A report itself; the server's limit is 1 MiB. */
const REPORT_CHARACTERS_MAX = 700_000;
const NETWORK_RETRY_MS = [500, 2_000];
const FAULT_RETRY_MS = 1_000;
const PAUSE_MS = 5_000;
const RETRY_AFTER_S = 60;
const RETRY_AFTER_MAX_S = 3_600;

export class Outbox {
  #waiting: Item[] = [];
  #characters = 0;
  #sending: Item[] = [];
  #isStarting = false;
  #isRunning = false;
  #isHurried = false;
  /** Log Center asked for silence until then: new reports are dropped. */
  #silentUntil = 0;
  /** It could not be reached: reports wait until then. */
  #pausedUntil = 0;
  #wake: (() => void) | undefined;
  #idle: (() => void)[] = [];
  #dropped = 0;
  /** What could not be sent for want of a network, where it can be kept. */
  onLost: ((items: readonly Item[]) => void) | undefined;

  constructor(
    readonly post: Post,
    readonly max: number,
    readonly say: (text: string) => void,
  ) {}

  get size(): number {
    return this.#waiting.length + this.#sending.length;
  }

  /** Everything that is not known to have arrived. */
  get left(): Item[] {
    return [...this.#sending, ...this.#waiting];
  }

  /** Whether trying now is of no use: it is away, or asked for silence. */
  get isHeldBack(): boolean {
    return Date.now() < Math.max(this.#silentUntil, this.#pausedUntil);
  }

  /** Hands over everything, for a way of sending of the caller's. */
  take(): Item[] {
    const items = this.left;
    this.#waiting = [];
    this.#characters = 0;
    this.#sending = [];
    return items;
  }

  push(report: Report): void {
    if (Date.now() < this.#silentUntil) {
      this.#drop(1, 'Log Center asked for silence');
      return;
    }
    let body = JSON.stringify(report);
    if (body.length > REPORT_CHARACTERS_MAX) body = thin(body);
    this.#add({ body, isRetried: false });
    this.#start();
  }

  /** Puts back what was kept from before, such as a page's last reports. */
  restore(bodies: string[]): void {
    for (const body of bodies) this.#add({ body, isRetried: true });
    if (bodies.length) this.#start();
  }

  /** Waits until all is sent. False: something is left, or time was up. */
  async flush(timeoutMs: number): Promise<boolean> {
    if (Date.now() < this.#silentUntil) return this.size === 0;
    if (this.size === 0) return true;
    this.#isHurried = true;
    this.#pausedUntil = 0;
    this.#wake?.();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const idle = new Promise<void>((done) => this.#idle.push(done));
    const late = new Promise<void>((done) => {
      timer = setTimeout(done, timeoutMs);
    });
    void this.#run();
    await Promise.race([idle, late]);
    clearTimeout(timer);
    this.#isHurried = false;
    return this.size === 0;
  }

  #add(item: Item): void {
    this.#waiting.push(item);
    this.#characters += item.body.length;
    while (
      this.#waiting.length > this.max ||
      (this.#characters > WAITING_CHARACTERS_MAX && this.#waiting.length > 1)
    ) {
      this.#characters -= this.#waiting.shift()!.body.length;
      this.#drop(1, 'too many reports wait');
    }
  }

  #drop(count: number, why: string): void {
    this.#dropped += count;
    this.say(`dropped ${count}: ${why}`);
  }

  /** Starts in the next turn, so that errors of one turn travel together. */
  #start(): void {
    if (this.#isRunning || this.#isStarting) return;
    this.#isStarting = true;
    setTimeout(() => {
      this.#isStarting = false;
      void this.#run();
    }, 0);
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      while (this.#waiting.length) {
        const until = Math.max(this.#silentUntil, this.#pausedUntil);
        if (Date.now() < until) {
          unheld(setTimeout(() => void this.#run(), until - Date.now() + 1));
          break;
        }
        this.#sending = this.#next();
        await this.#deliver(this.#sending);
        this.#sending = [];
      }
    } catch (error) {
      this.#sending = [];
      this.say(safeText(error));
    } finally {
      this.#isRunning = false;
      for (const done of this.#idle.splice(0)) done();
    }
  }

  #next(): Item[] {
    let count = 0;
    let characters = 0;
    for (const { body } of this.#waiting) {
      characters += body.length;
      if (count > 0 && (count >= BATCH_MAX || characters > BATCH_CHARACTERS_MAX)) break;
      count += 1;
    }
    const batch = this.#waiting.splice(0, count);
    for (const { body } of batch) this.#characters -= body.length;
    return batch;
  }

  async #deliver(batch: Item[]): Promise<void> {
    // How many were dropped is told until it has been heard.
    const told = this.#dropped;
    if (told) batch[0]!.body = stamped(batch[0]!.body, told);
    for (let attempt = 0; ; attempt += 1) {
      const status = await this.#attempt(batch);
      const waits = status === 0 ? NETWORK_RETRY_MS : status >= 500 ? [FAULT_RETRY_MS] : [];
      const wait = waits[attempt];
      if (status === 200) {
        this.#dropped -= told;
        return;
      }
      // -1: it waits again. Another way may have taken it meanwhile: a beacon.
      if (status === -1 || this.#sending !== batch) return;
      if (wait === undefined) {
        // Nobody listens there: what comes next waits a little, what was tried is given up.
        if (status === 0) this.#pausedUntil = Date.now() + PAUSE_MS;
        if (status === 0 && this.onLost) this.onLost(batch);
        else this.#drop(batch.length, status ? `Log Center answered ${status}` : 'cannot reach it');
        return;
      }
      await this.#pause(wait);
    }
  }

  /** One request. 200: arrived; 0: no answer; -1: waits again; else what Log Center answered. */
  async #attempt(batch: Item[]): Promise<number> {
    const isBatch = batch.length > 1;
    const body = isBatch ? `[${batch.map((one) => one.body).join(',')}]` : batch[0]!.body;
    let answer: Answer;
    try {
      answer = await this.post(body, isBatch);
    } catch (error) {
      this.say(`cannot reach Log Center: ${safeText(error)}`);
      return 0;
    }
    const { status, retryAfter } = answer;
    if (status >= 200 && status < 300) return 200;
    if (status === 429 || status === 503) return this.#obey(batch, retryAfter);
    if (status === 413 && batch.some((one) => !one.isRetried)) {
      // Once more, one by one and without what is large.
      this.#putBack(batch.map((one) => ({ body: thin(one.body), isRetried: true })));
      return -1;
    }
    return status;
  }

  #obey(batch: Item[], retryAfter: string | null | undefined): number {
    const seconds = Number(retryAfter) || RETRY_AFTER_S;
    this.#silentUntil = Date.now() + Math.min(seconds, RETRY_AFTER_MAX_S) * 1_000;
    const fresh = batch.filter((one) => !one.isRetried);
    this.#putBack(fresh.map(({ body }) => ({ body, isRetried: true })));
    if (batch.length > fresh.length) this.#drop(batch.length - fresh.length, 'refused twice');
    return -1;
  }

  #putBack(items: Item[]): void {
    this.#waiting.unshift(...items);
    for (const { body } of items) this.#characters += body.length;
  }

  #pause(ms: number): Promise<void> {
    if (this.#isHurried) return Promise.resolve();
    return new Promise((done) => {
      const timer = setTimeout(done, ms);
      unheld(timer);
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }
}

/** A report without its context, but for what finds it again. */
function thin(body: string): string {
  try {
    const report = JSON.parse(body) as Report;
    const { request_id, trace_id, url, method, user_id } = report.context;
    report.context = { request_id, trace_id, url, method, user_id, trimmed_by_client: true };
    report.error.stack_trace = report.error.stack_trace.slice(0, 50);
    return JSON.stringify(report);
  } catch {
    return body;
  }
}

/** The report, with the number of those that were dropped before it. */
function stamped(body: string, dropped: number): string {
  try {
    const report = JSON.parse(body) as Report;
    report.context.dropped = dropped;
    return JSON.stringify(report);
  } catch {
    return body;
  }
}

/** A timer that does not keep a program alive. */
export function unheld(timer: unknown): void {
  (timer as { unref?: () => void }).unref?.();
}
