// The file for pages without a bundler, `<script src="…/log-center.js" data-project="shop">`.
// It does what `log-center/browser` does for a page, in half the bytes; its reports group with
// those of the package, since both find the place of an error with the same code.

import { clean, cleanText } from './script/clean.js';
import { flush, send, startSending } from './script/send.js';
import { blame, relative, stackLines, type Place } from './stack.js';

type Context = Record<string, unknown>;
interface Report {
  event_id: string;
  context: Context;
  [name: string]: unknown;
}
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

const REPORTS_MAX = 100;
const EQUAL_MS = 5_000;
const BREADCRUMBS_MAX = 30;
const HEADER = 'x-request-id';
const LEVELS: Record<string, string> = { fatal: 'CRITICAL', warn: 'WARNING' };
const RULES = { rootDir: '', inApp: [] };

let options: ScriptOptions | undefined;
let reports = 0;
let known: Context = {};
const breadcrumbs: Context[] = [];
const seen = new WeakSet<object>();
const about = new WeakMap<object, Context>();
/** When each place was reported last, and how many equal ones were not sent since. */
const last = new Map<string, { at: number; folded: number }>();

function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 15) | 64;
  bytes[8] = (bytes[8]! & 63) | 128;
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function report(error: unknown, level: string, context?: Context, place?: Place): void {
  try {
    const isObject = typeof error === 'object' && error !== null;
    if (!options || reports >= REPORTS_MAX || (isObject && seen.has(error))) return;
    if (isObject) seen.add(error);
    const { name, message, constructor } = (isObject ? error : {}) as Error;
    const isPlain = !name || /^error$/i.test(name);
    const type = !isObject ? 'NonError' : isPlain ? constructor?.name || 'Error' : name;
    const text = cleanText(message ?? (isObject ? JSON.stringify(clean(error)) : error));
    const whole = `${type}: ${text}`;
    const ignored = [...(options.ignore ?? []), 'Script error', 'ResizeObserver loop'];
    if (ignored.some((one) => (typeof one === 'string' ? whole.includes(one) : one.test(whole)))) {
      return;
    }
    const lines = stackLines(isObject ? error : new Error());
    const { file, line } = blame([lines], RULES, true) ??
      place ??
      blame([lines], RULES, false) ?? { file: 'unknown', line: 0 };
    const key = type + file + line;
    const before = last.get(key);
    if (before && Date.now() - before.at < EQUAL_MS) {
      before.folded += 1;
      return;
    }
    last.set(key, { at: Date.now(), folded: 0 });
    reports += 1;
    const { project, environment = 'production', version, commitHash, beforeSend } = options;
    const made: Report = {
      project_id: project,
      environment,
      level: LEVELS[level] ?? level.toUpperCase(),
      timestamp: new Date().toISOString(),
      version,
      commit_hash: commitHash,
      event_id: newId(),
      error: {
        type,
        message: text,
        file_path: file,
        line_number: line,
        stack_trace: [whole, ...lines.map(cleanText)],
        code: 'AppError',
      },
      context: clean({
        url: location.href,
        userAgent: navigator.userAgent,
        breadcrumbs,
        folded: before?.folded || undefined,
        ...known,
        ...(isObject && about.get(error)),
        ...context,
      }) as Context,
    };
    const kept = beforeSend?.(made);
    if (kept !== null) send(JSON.stringify(kept ?? made));
  } catch {
    // The page is not ours to break.
  }
}

export const reportError = (error: unknown, context?: Context): void =>
  report(error, 'error', context);

export const captureException = (
  error: unknown,
  details?: { level?: string; context?: Context },
): void => report(error, details?.level ?? 'error', details?.context);

export function captureMessage(message: string, level = 'info', context?: Context): void {
  const note = new Error(cleanText(message));
  note.name = 'Message';
  Error.captureStackTrace?.(note, captureMessage);
  report(note, level, context);
}

export function setUser(user: { id?: string | number } | null): void {
  const { id } = (clean(user) ?? {}) as Context;
  known = { ...known, user: user ?? undefined, user_id: id };
}

export function setTag(name: string, value: string): void {
  known = { ...known, tags: { ...(known.tags as Context), [name]: value } };
}

export function setContext(name: string, value: unknown): void {
  known = { ...known, [name]: value };
}

export function addBreadcrumb(crumb: Context): void {
  breadcrumbs.push({ timestamp: new Date().toISOString(), ...(clean(crumb) as Context) });
  if (breadcrumbs.length > BREADCRUMBS_MAX) breadcrumbs.shift();
}

export { flush };

export function init(given: ScriptOptions): void {
  const isFirst = !options;
  options = given;
  if (!isFirst || !given.url || !given.project) return;
  startSending({ url: given.url.replace(/\/+$/, ''), key: given.key });
  addEventListener('error', ({ error, message, filename, lineno }) => {
    // An image that did not load has no message.
    if (!message) return;
    const place = lineno ? { file: relative(filename, ''), line: lineno } : undefined;
    report(error ?? message, 'error', {}, place);
  });
  addEventListener('unhandledrejection', ({ reason }) => report(reason, 'error'));
  watchFetch();
}

/** Requests to the page's own server carry an id; a failed one is found by it. */
function watchFetch(): void {
  const before = window.fetch;
  window.fetch = function fetch(input, init) {
    const context: Context = {};
    try {
      const request = input instanceof Request ? input : undefined;
      const url = request?.url ?? String(input);
      if (new URL(url, location.href).origin === location.origin) {
        const headers = new Headers(init?.headers ?? request?.headers);
        if (!headers.has(HEADER)) headers.set(HEADER, newId());
        Object.assign(context, { request_id: headers.get(HEADER), url });
        init = { ...init, headers };
      }
    } catch {
      // The request goes out as it is.
    }
    const answer = before.call(window, input, init);
    // Handed on, not looked at beside: that would count as caught, and nobody heard of the rest.
    return context.url && answer?.then
      ? answer.then(undefined, (error) => {
          if (error instanceof Object) about.set(error, context);
          throw error;
        })
      : answer;
  };
}

const script = document.currentScript as HTMLScriptElement | null;
if (script?.dataset.project) {
  // The server of this file takes the reports, unless the page names another.
  const url = /^(.*)\/client\//.exec(script.src)?.[1];
  init({ url, ...script.dataset, ignore: script.dataset.ignore?.split(',') });
}
