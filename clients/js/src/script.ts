// The file for pages without a bundler, `<script src="…/log-center.js" data-project="shop">`.
// It does what `log-center/browser` does for a page, in half the bytes; its reports group with
// those of the package, since both find the place of an error with the same code.

import { isOwnAddress, newId } from './browser/address.js';
import { guess, watchFetch } from './browser/fetch.js';
import { chainOf, traceOf, type Chain } from './causes.js';
import { clean, cleanText } from './script/clean.js';
import { send, sent, startSending } from './script/send.js';
import { disown, ownFrame, placeIn, placeOfRequest, relative, stackLines } from './stack.js';
import type { Place } from './stack.js';
import { equalBy, Storm } from './storm.js';
import type { Context, Report, User } from './types.js';

interface ScriptOptions {
  url?: string | undefined;
  project?: string;
  environment?: string;
  version?: string;
  commitHash?: string;
  key?: string;
  beforeSend?: (report: Report) => Report | null | undefined;
  ignore?: (string | RegExp)[] | undefined;
}

/** How an error came to be known. */
interface Sighting {
  level?: string;
  context?: Context | undefined;
  /** Where it was, if its stack does not say it. */
  place?: Place | undefined;
  isUncaught?: boolean;
}

const REPORTS_MAX = 100;
const EQUAL_MS = 5_000;
const BREADCRUMBS_MAX = 30;
const LEVELS: Record<string, string> = { fatal: 'CRITICAL', warn: 'WARNING' };
const RULES = { rootDir: '', inApp: [] };

let options: ScriptOptions | undefined;
let reports = 0;
let known: Context = {};
const breadcrumbs: Context[] = [];
const seen = new WeakSet<object>();
const about = new WeakMap<object, Context>();
const storm = new Storm(1, EQUAL_MS);
let resting: unknown;

function messageOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return cleanText(error);
  const { message } = error as Error;
  return cleanText(typeof message === 'string' ? message : JSON.stringify(clean(error)));
}

function build(chain: Chain, place: Place, context: Context): Report {
  const { project = '', environment = 'production', version, commitHash } = options!;
  const [{ type, message }] = chain;
  return {
    project_id: project,
    environment,
    level: 'ERROR',
    timestamp: new Date().toISOString(),
    ...(version && { version }),
    ...(commitHash && { commit_hash: commitHash }),
    event_id: newId(),
    error: {
      type,
      message,
      file_path: place.file,
      line_number: place.line,
      stack_trace: traceOf(chain).map(cleanText),
      code: 'AppError',
    },
    context: clean({
      url: location.href,
      userAgent: navigator.userAgent,
      breadcrumbs,
      ...context,
    }) as Context,
  };
}

function push(one: Report): string {
  reports += 1;
  send(JSON.stringify(one));
  return one.event_id;
}

/** One report for each error that was folded: it stands for all of them. */
function tellRest(): void {
  resting = undefined;
  for (const one of storm.closing(newId)) if (reports < REPORTS_MAX) push(one);
}

function report(error: unknown, sighting: Sighting): string | undefined {
  const { level = 'error' } = sighting;
  try {
    const isObject = typeof error === 'object' && error !== null;
    if (!options || (isObject && seen.has(error))) return undefined;
    if (isObject) seen.add(error);
    const chain = chainOf(error, messageOf);
    const [top] = chain;
    const whole = `${top.type}: ${top.message}`;
    const ignored = [...(options.ignore ?? []), 'Script error', 'ResizeObserver loop'];
    if (ignored.some((one) => (typeof one === 'string' ? whole.includes(one) : one.test(whole)))) {
      return undefined;
    }
    // A text has no stack: the way to here is its place.
    if (!top.lines.length && !sighting.isUncaught) top.lines = stackLines(new Error());
    const asked = chain.map((link) => about.get(link.error as object)).find(Boolean);
    const stacks = chain.map(({ lines }) => lines);
    const otherwise = sighting.place ?? placeOfRequest(asked?.info);
    const [place, isKnown] = placeIn(stacks, RULES, otherwise);
    const key = equalBy(top.type, place, top.message, isKnown);
    if (!storm.admits(key, Date.now())) {
      resting ??= setTimeout(tellRest, EQUAL_MS);
      return undefined;
    }
    const made = build(chain, place, { ...(asked ?? guess()), ...known, ...sighting.context });
    made.level = LEVELS[level] ?? level.toUpperCase();
    const kept = options.beforeSend?.(made);
    if (kept === null || reports >= REPORTS_MAX) return undefined;
    storm.sent(key, kept ?? made);
    return push(kept ?? made);
  } catch {
    // The page is not ours to break.
    return undefined;
  }
}

const reportError = (error: unknown, context?: Context): string | undefined =>
  report(error, { context });

const captureException = (
  error: unknown,
  details?: { level?: string; context?: Context },
): string | undefined => report(error, { ...details });

function captureMessage(
  message: string,
  level = 'info',
  context?: Context,
): string | undefined {
  const note = new Error(cleanText(message));
  note.name = 'Message';
  return report(note, { level, context });
}

function setUser(user: User | null): void {
  const { id } = (clean(user) ?? {}) as User;
  known = { ...known, user: user ?? undefined, user_id: id };
}

function setTag(name: string, value: string): void {
  known = { ...known, tags: { ...known.tags, [name]: value } };
}

function setContext(name: string, value: unknown): void {
  known = { ...known, [name]: value };
}

function addBreadcrumb(crumb: Context): void {
  breadcrumbs.push({ timestamp: new Date().toISOString(), ...(clean(crumb) as Context) });
  if (breadcrumbs.length > BREADCRUMBS_MAX) breadcrumbs.shift();
}

/** Waits until all that was reported has left. */
function flush(timeoutMs?: number): Promise<boolean> {
  tellRest();
  return sent(timeoutMs);
}

function init(given: ScriptOptions): void {
  const isFirst = !options;
  options = given;
  if (!isFirst || !given.url || !given.project) return;
  startSending({ url: given.url.replace(/\/+$/, ''), key: given.key }, tellRest);
  addEventListener('error', ({ error, message, filename, lineno }) => {
    // An image that did not load has no message.
    if (!message) return;
    const place = lineno ? { file: relative(filename, ''), line: lineno } : undefined;
    report(error ?? message, { place, isUncaught: true });
  });
  addEventListener('unhandledrejection', ({ reason }) => 
    report(reason, { isUncaught: true }),
  );
  watchFetch({ newId, isPropagated: isOwnAddress, about });
}

Object.assign(window, {
  LogCenter: {
    addBreadcrumb, captureException, captureMessage, flush, init, reportError, setContext, setTag,
    setUser,
  },
});

const script = document.currentScript as HTMLScriptElement | null;
// Its frames are never the page's, unless somebody put it into a file of the page's.
const file = ownFrame()?.file;
if (file && (script?.dataset.project || /log-center[^/]*\.js/.test(file))) disown(`${file}:`);
if (script?.dataset.project) {
  // The server of this file takes the reports, unless the page names another.
  const url = /^(.*)\/client\//.exec(script.src)?.[1];
  init({ url, ...script.dataset, ignore: script.dataset.ignore?.split(',') });
}
