// What programs call. Everything works before `init` and without it, and does nothing then.

import type { Client, Sighting } from './client.js';
import { KINDS } from './kinds.js';
import { answerOf } from './format.js';
import type { Found } from './recognise.js';
import { safeText, take } from './safe.js';
import { Scope } from './scope.js';
import { currentScope, state } from './state.js';
import type {
  Breadcrumb,
  Context,
  Details,
  Level,
  StructuredError,
  User,
} from './types.js';

export const currentClient = (): Client | undefined => state.client;

/** Reports an error. The program goes on at once; nothing is thrown. */
export function reportError(error: unknown, context?: Context): string | undefined {
  return state.client?.capture(error, { ...(context && { context }), called: reportError });
}

/** Reports an error with a level or a code of its own. */
export function captureException(error: unknown, details: Details = {}): string | undefined {
  return state.client?.capture(error, { ...details, called: captureException });
}

/** Reports a sentence, where there is no error. */
export function captureMessage(
  message: string,
  level: Level = 'info',
  context?: Context,
): string | undefined {
  const note = new Error(safeText(message));
  note.name = 'Message';
  // The line that called, also where a bundler made one file of everything.
  Error.captureStackTrace?.(note, captureMessage);
  const sighting: Sighting = { level, code: 'Message' };
  if (context) sighting.context = context;
  return state.client?.capture(note, sighting);
}

/** The user of this request, or of the program outside one. `null` forgets him. */
export function setUser(user: User | null): void {
  currentScope().user = user ?? undefined;
}

/** A word to search for: `context.tags.name:value`. */
export function setTag(name: string, value: string): void {
  (currentScope().tags ??= {})[safeText(name)] = value;
}

/** A detail for every later report of this request. */
export function setContext(name: string, value: unknown): void {
  (currentScope().context ??= {})[safeText(name)] = value;
}

/** What happened before: the newest 30 go with a report. */
export function addBreadcrumb(crumb: Breadcrumb): void {
  currentScope().addBreadcrumb(crumb);
}

/** Runs work in a scope of its own: user, tags and context set inside stay inside. */
export function withContext<T>(work: () => T): T;
export function withContext<T>(context: Context, work: () => T): T;
export function withContext<T>(first: Context | (() => T), second?: () => T): T {
  const scope = new Scope(currentScope());
  const work = typeof first === 'function' ? (first as () => T) : second!;
  if (typeof first !== 'function') {
    scope.context = take({}, first);
    const id: unknown = scope.context.request_id;
    if (typeof id === 'string') scope.requestId = id;
  }
  return state.scopes.run(scope, work);
}

/** The id of the request that is being answered. */
export const currentRequestId = (): string | undefined => currentScope().id;

const plain = (error: unknown): Found => {
  let own: Partial<Found> = {};
  try {
    const { code, status, info, data } = (error ?? {}) as Partial<Found>;
    own = { ...(typeof code === 'string' && { code }), ...(status && { status }), info, data };
  } catch {
    // An error that cannot be read is any error.
  }
  const { code = 'AppError', status, info = null, data = null } = own;
  const known = KINDS[code];
  return {
    code: known ? code : 'AppError',
    status: status ?? known?.[0] ?? 500,
    info,
    data,
    isExpected: false,
    isCancelled: false,
  };
};

function answer(error: unknown): { status: number; body: StructuredError } {
  if (state.client) return state.client.answer(error);
  const rules = { environment: 'production', exposeCodes: [], scrub: [] };
  return answerOf(error, { ...rules, recognise: plain, requestId: currentScope().id });
}

/** An error as callers are answered: `{code, message, info, data, requestId}`. */
export const formatError = (error: unknown): StructuredError => answer(error).body;

/** The HTTP status that goes with `formatError`. */
export const httpStatus = (error: unknown): number => answer(error).status;

/** Sends what waits. False: not all arrived in time. */
export async function flush(timeoutMs = 2_000): Promise<boolean> {
  return (await state.client?.flush(timeoutMs)) ?? true;
}

/** Sends what waits, and reports nothing from then on. */
export async function close(timeoutMs = 2_000): Promise<boolean> {
  return (await state.client?.close(timeoutMs)) ?? true;
}
