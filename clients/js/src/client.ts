// Makes reports of errors and hands them to the outbox. Nothing it does may throw into the program.

import { rankOf, KINDS, levelOf, wireLevel } from './kinds.js';
import { answerOf, causeOf, isError, messageOf, originalOf, typeOf } from './format.js';
import { Outbox, unheld, type Item, type Post } from './outbox.js';
import type { Found } from './recognise.js';
import { matches, safe, safeText, scrubText, take } from './safe.js';
import { Scope } from './scope.js';
import { blame, stackLines, type Place } from './stack.js';
import { currentScope, state } from './state.js';
import { Storm } from './storm.js';
import type { Settings } from './settle.js';
import type { Context, Details, Level, Report, StructuredError } from './types.js';

/** What differs between a server and a page. */
export interface Platform {
  recognise: (error: unknown) => Found;
  post: Post;
  newId: () => string;
  /** Known of the machine or the page. */
  surroundings: () => Context;
  /** Errors that nobody can do anything about. */
  ignored: readonly (string | RegExp)[];
  storm: Storm;
  /** Whether requests to an address carry the request id unless the options say otherwise. */
  isOwnAddress: (url: string) => boolean;
  /** Reports of one page at most. */
  reportsMax: number;
}

/** How an error came to be known. */
export interface Sighting extends Details {
  /** Nobody caught it. */
  isUncaught?: boolean;
  scope?: Scope;
  /** Where it was, for errors without a stack. */
  place?: Place | undefined;
  /** The place is surer than the stack; if it is unknown, the failed request is the place. */
  isPlaceSure?: boolean;
}

const CAUSES_MAX = 5;
/** Reports from within a report: of a `beforeSend` that fails, of a getter that reports. */
const DEPTH_MAX = 3;

export class Client {
  readonly outbox: Outbox;
  #reports = 0;
  #depth = 0;
  #ticking = false;
  #isClosed = false;

  constructor(
    readonly settings: Settings,
    readonly platform: Platform,
  ) {
    this.outbox = new Outbox(platform.post, settings.maxQueue, (text) => this.say(text));
  }

  get isEnabled(): boolean {
    return this.settings.enabled && this.settings.url !== '' && !this.#isClosed;
  }

  say(text: string): void {
    if (this.settings.debug) console.debug(`log-center: ${text}`);
  }

  /** Reports an error once; answers the report's id, or nothing if it is not sent. */
  capture(error: unknown, sighting?: Sighting): string | undefined {
    if (this.#depth >= DEPTH_MAX) return undefined;
    this.#depth += 1;
    try {
      return this.#capture(error, sighting ?? {});
    } catch (fault) {
      this.say(`could not report: ${safeText(fault)}`);
      return undefined;
    } finally {
      this.#depth -= 1;
    }
  }

  /** What a framework's integration asks before it reports. */
  isReported(error: unknown): boolean {
    try {
      const found = this.platform.recognise(error);
      const { shouldReport } = this.settings;
      if (shouldReport) return shouldReport(error, { code: found.code, status: found.status });
      return !found.isExpected && !found.isCancelled;
    } catch {
      return true;
    }
  }

  answer(error: unknown, scope = currentScope()): { status: number; body: StructuredError } {
    const { environment, exposeCodes = [], scrub } = this.settings;
    const { recognise } = this.platform;
    const rules = { recognise, environment, exposeCodes, scrub, requestId: scope.id };
    return answerOf(error, rules);
  }

  async flush(timeoutMs = 2_000): Promise<boolean> {
    this.#close();
    return this.outbox.flush(timeoutMs);
  }

  get hasWaiting(): boolean {
    return this.outbox.size > 0 || this.platform.storm.isFolding;
  }

  /** Everything that has not arrived, when there is no more time. */
  leftAtExit(): Item[] {
    this.#close();
    return this.outbox.left;
  }

  async close(timeoutMs = 2_000): Promise<boolean> {
    const sent = await this.flush(timeoutMs);
    this.#isClosed = true;
    return sent;
  }

  #capture(error: unknown, sighting: Sighting): string | undefined {
    if (!this.isEnabled) return undefined;
    if (typeof error === 'object' && error !== null) {
      if (state.seen.has(error)) return undefined;
      state.seen.add(error);
    }
    const { settings, platform } = this;
    if (settings.sampleRate < 1 && Math.random() >= settings.sampleRate) return undefined;
    const type = typeOf(error);
    const message = messageOf(error);
    const found = platform.recognise(error);
    if (this.#isIgnored(`${type}: ${message}`, found.code)) return undefined;
    const level = this.#levelOf(found, sighting);
    if (rankOf(level) < rankOf(settings.level)) return undefined;

    const stacks = stacksOf(error);
    // A thrown text has no stack: the way to here is the best there is.
    if (!stacks[0]!.length && !sighting.place) stacks.unshift(stackLines(new Error('here')));
    const own = sighting.isPlaceSure ? undefined : blame(stacks, settings, true);
    const place = own ??
      sighting.place ??
      requestPlace(found) ??
      blame(stacks, settings, false) ?? { file: 'unknown', line: 0 };
    const key = `${type}\n${place.file}:${place.line}\n${found.code}`;
    if (!platform.storm.admits(key, Date.now())) {
      this.#tick();
      return undefined;
    }
    const report = this.#build(error, sighting, { type, message, level, place, found, stacks });
    const kept = this.#beforeSend(report, error);
    if (!kept || this.#reports >= platform.reportsMax) return undefined;
    this.#reports += 1;
    platform.storm.sent(key, kept);
    this.#push(kept);
    return kept.event_id;
  }

  #isIgnored(text: string, code: string): boolean {
    const fits = (one: string | RegExp): boolean =>
      typeof one === 'string' ? text.includes(one) || one === code : matches(one, text);
    return this.settings.ignore.some(fits) || this.platform.ignored.some(fits);
  }

  #levelOf(found: Found, sighting: Sighting): Level {
    const mapped = this.settings.codeLevelMap?.[sighting.code ?? found.code];
    const level = levelOf(sighting.level ?? mapped ?? KINDS[sighting.code ?? found.code]?.[1]);
    return level ?? (found.status < 500 ? 'warn' : 'error');
  }

  #build(
    error: unknown,
    sighting: Sighting,
    known: {
      type: string;
      message: string;
      level: Level;
      place: Place;
      found: Found;
      stacks: string[][];
    },
  ): Report {
    const { settings, platform } = this;
    const { type, message, level, place, found, stacks } = known;
    const text = scrubText(message, settings.scrub);
    const context = (sighting.scope ?? currentScope()).gather(platform.surroundings());
    if (typeof error === 'object' && error !== null) Object.assign(context, state.about.get(error));
    take(context, sighting.context);
    if (found.info != null) context.info = found.info;
    if (found.data != null) context.data = found.data;
    if (causeOf(error) !== undefined) context.originalError = originalOf(error, settings.scrub);
    const lines = [`${type}: ${text}`, ...stacks.flat().slice(0, 200)];
    return {
      project_id: settings.project,
      environment: settings.environment,
      level: wireLevel(level),
      timestamp: new Date().toISOString(),
      ...(settings.version && { version: settings.version }),
      ...(settings.commitHash && { commit_hash: settings.commitHash }),
      event_id: platform.newId(),
      error: {
        type,
        message: text,
        file_path: safeText(place.file, 1_024) || 'unknown',
        line_number: place.line,
        stack_trace: lines.map((line) => scrubText(safeText(line), settings.scrub)),
        code: sighting.code ?? found.code,
      },
      context: safe(context, settings.scrub) as Context,
    };
  }

  #beforeSend(report: Report, error: unknown): Report | null {
    const { beforeSend } = this.settings;
    if (!beforeSend) return report;
    try {
      const changed = beforeSend(report, { error });
      if (changed === null || changed === undefined) return changed === null ? null : report;
      // Not to be trusted: a promise, or a report that was taken apart.
      if (changed.error && changed.context) return changed;
      this.say('beforeSend gave no report');
      return report;
    } catch (fault) {
      this.say(`beforeSend failed: ${safeText(fault)}`);
      return report;
    }
  }

  /** What `beforeSend` made may be no JSON; then what can be of it goes. */
  #push(report: Report): void {
    try {
      this.outbox.push(report);
    } catch {
      this.outbox.push(safe(report) as Report);
    }
  }

  /** A second later, one report stands for all that were folded. */
  #tick(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    const timer = setTimeout(() => {
      this.#ticking = false;
      this.#close();
    }, this.platform.storm.refillMs);
    unheld(timer);
  }

  #close(): void {
    try {
      const { storm, newId, reportsMax } = this.platform;
      for (const report of storm.closing(newId)) {
        if ((this.#reports += 1) <= reportsMax) this.outbox.push(report);
      }
    } catch (fault) {
      this.say(safeText(fault));
    }
  }
}

/** The error's own stack, then those of its causes. */
function stacksOf(error: unknown): string[][] {
  const stacks: string[][] = [];
  let one = error;
  for (let depth = 0; depth < CAUSES_MAX && one !== undefined; depth += 1) {
    const lines = isError(one) ? stackLines(one) : [];
    if (depth === 0) stacks.push(lines);
    else if (lines.length) stacks.push([`Caused by: ${typeOf(one)}: ${messageOf(one)}`, ...lines]);
    const next = causeOf(one);
    if (next === one) break;
    one = next;
  }
  return stacks;
}

/** A failed request without a frame of the program: its method and path, without what varies. */
function requestPlace(found: Found): Place | undefined {
  const info = found.info as { method?: unknown; url?: unknown } | null;
  if (!info?.url) return undefined;
  const path = String(info.url).replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/[?#].*$/, '');
  const template = path.replace(/\/(\d+|[0-9a-f-]{16,})(?=\/|$)/gi, '/{id}');
  return { file: `${String(info.method ?? 'GET')} ${template}`, line: 0 };
}
