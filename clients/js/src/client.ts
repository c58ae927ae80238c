// Makes reports of errors and hands them to the outbox. Nothing it does may throw into the program.

import { rankOf, KINDS, levelOf, wireLevel } from './kinds.js';
import { chainOf, traceOf, type Chain } from './causes.js';
import { answerOf, messageOf, originalOf } from './format.js';
import { Outbox, unheld, type Item, type Post } from './outbox.js';
import type { Found } from './recognise.js';
import { matches, safe, safeText, scrubText, take } from './safe.js';
import { Scope } from './scope.js';
import { disown, ownFrame, placeIn, placeOfRequest, stackLines, type Place } from './stack.js';
import { currentScope, state } from './state.js';
import { equalBy, Storm } from './storm.js';
import type { Settings } from './settle.js';
import type { Context, Details, Level, Report, StructuredError } from './types.js';

/** What differs between a server and a page. */
export interface Platform {
  recognise: (error: unknown) => Found;
  post: Post;
  newId: () => string;
  /** Known of the machine or the page. */
  surroundings: () => Context;
  /** What probably has to do with an error of which nothing is known. */
  guess?: () => Context | undefined;
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
  /** What the program called: its caller is the place of what has no stack. */
  called?: Function;
}

/** Reports from within a report: of a `beforeSend` that fails, of a getter that reports. */
const DEPTH_MAX = 3;

// Where this package lies while it is no bundle's part: its frames are never the program's.
const dist = /^(.*[\\/]dist[\\/])(esm|cjs)[\\/]stack\.js$/.exec(ownFrame()?.file ?? '')?.[1];
if (dist) disown(dist.replace(/^file:\/\//, ''));

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
    this.tellRest();
    return this.outbox.flush(timeoutMs);
  }

  get hasWaiting(): boolean {
    return this.outbox.size > 0 || this.platform.storm.isFolding;
  }

  /** Everything that has not arrived, when there is no more time. */
  leftAtExit(): Item[] {
    this.tellRest();
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
    const chain = chainOf(error, messageOf);
    const [{ type, message, lines }] = chain;
    const found = this.#found(chain);
    if (this.#isIgnored(`${type}: ${message}`, found.code)) return undefined;
    const level = this.#levelOf(found, sighting);
    if (rankOf(level) < rankOf(settings.level)) return undefined;

    if (!lines.length && !sighting.place && !sighting.isUncaught) {
      chain[0].lines = wayTo(sighting.called ?? this.capture);
    }
    const stacks = chain.map((link) => link.lines);
    const otherwise = sighting.place ?? placeOfRequest(found.info);
    const [place, isKnown] = placeIn(stacks, settings, otherwise, sighting.isPlaceSure);
    const key = found.code + equalBy(type, place, message, isKnown);
    if (!platform.storm.admits(key, Date.now())) {
      this.#tick();
      return undefined;
    }
    const report = this.#build(chain, sighting, { level, place, found });
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

  /** What an error means, and which request failed, if that is known of it or of a cause. */
  #found(chain: Chain): Found {
    const found = this.platform.recognise(chain[0].error);
    return { ...found, info: found.info ?? aboutOf(chain)?.info ?? null };
  }

  #build(
    chain: Chain,
    sighting: Sighting,
    { level, place, found }: { level: Level; place: Place; found: Found },
  ): Report {
    const { settings, platform } = this;
    const [{ error, type, message }] = chain;
    const guess = found.info == null ? platform.guess?.() : undefined;
    const around = { ...platform.surroundings(), ...guess };
    const context = (sighting.scope ?? currentScope()).gather(around);
    Object.assign(context, aboutOf(chain));
    take(context, sighting.context);
    if (found.info != null) context.info = found.info;
    if (found.data != null) context.data = found.data;
    if (chain.length > 1) context.originalError = originalOf(error, settings.scrub);
    return {
      project_id: settings.project,
      environment: settings.environment,
      level: wireLevel(level),
      timestamp: new Date().toISOString(),
      ...(settings.version && { version: settings.version }),
      ...(settings.commitHash && { commit_hash: settings.commitHash }),
      event_id: platform.newId(),
      error: {
        type: safeText(type),
        message: scrubText(message, settings.scrub),
        file_path: safeText(place.file, 1_024) || 'unknown',
        line_number: place.line,
        stack_trace: traceOf(chain).map((line) => scrubText(safeText(line), settings.scrub)),
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
      this.tellRest();
    }, this.platform.storm.refillMs);
    unheld(timer);
  }

  /** One report for each error that was folded: it stands for all of them. */
  tellRest(): void {
    try {
      const { storm, newId, reportsMax } = this.platform;
      for (const report of storm.closing(newId)) {
        if ((this.#reports += 1) <= reportsMax) this.#push(report);
      }
    } catch (fault) {
      this.say(safeText(fault));
    }
  }
}

/** The way to a call: the place of a thrown text, which has no stack. */
function wayTo(called: Function): string[] {
  const here = new Error('here');
  Error.captureStackTrace?.(here, called);
  return stackLines(here);
}

/** What was noted of an error beside itself, or of its causes. */
const aboutOf = (chain: Chain): Context | undefined =>
  chain.map(({ error }) => state.about.get(error as object)).find(Boolean);
