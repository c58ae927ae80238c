// What an error of another library means. Everything is told by names and shapes, never by
// `instanceof`: a program may hold a library twice. The first rule that fits wins.

import { codeOfStatus, KINDS } from './kinds.js';
import { isOwn } from './errors.js';

export interface Found {
  code: string;
  status: number;
  /** What the caller may know: which fields were wrong, how the failed request looked. */
  info: unknown;
  data: unknown;
  /** The application decided to refuse; nothing is broken. */
  isExpected: boolean;
  /** A request that the program itself gave up: never reported unasked. */
  isCancelled: boolean;
}

/** What is looked at of an error; all of it may be absent. */
export interface Shape {
  name: string;
  message: string;
  code: unknown;
  error: Record<string, unknown>;
}

/** A rule gives a code, or a code and what to tell, or nothing. */
export type Verdict = string | { code: string; info?: unknown; status?: number } | undefined;
export type Rule = (shape: Shape) => Verdict;

export const CANCELLED = 'Cancelled';
const DEPTH_MAX = 5;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

/** Finds out what an error means by the given rules, then by its causes. */
export function recogniseBy(rules: readonly Rule[], error: unknown): Found {
  try {
    return look(rules, error, 0) ?? found('AppError', {});
  } catch {
    return found('AppError', {});
  }
}

function look(rules: readonly Rule[], error: unknown, depth: number): Found | undefined {
  if (!isRecord(error) || depth >= DEPTH_MAX) return undefined;
  if (isOwn(error)) {
    const { code, status, info, data } = error;
    return { ...found(code, { info, status }), data };
  }
  const shape: Shape = {
    name: nameOf(error),
    message: typeof error.message === 'string' ? error.message : '',
    code: error.code,
    error,
  };
  for (const rule of rules) {
    const verdict = rule(shape);
    if (verdict) return typeof verdict === 'string' ? found(verdict, {}) : made(verdict);
  }
  const { cause, original, parent, driverError, reason } = error;
  for (const inner of [cause, original, parent, driverError, reason]) {
    if (inner !== error) {
      const deeper = look(rules, inner, depth + 1);
      if (deeper) return deeper;
    }
  }
  return byStatus(error);
}

const made = (verdict: { code: string; info?: unknown; status?: number }): Found =>
  found(verdict.code, verdict);

function found(code: string, { info, status }: { info?: unknown; status?: number }): Found {
  const kind = KINDS[code];
  const answered = status ?? kind?.[0] ?? 500;
  return {
    code: code === CANCELLED ? 'RequestError' : code,
    status: code === CANCELLED ? 499 : answered,
    info: info ?? null,
    data: null,
    isExpected: kind ? !kind[2] : answered < 500,
    isCancelled: code === CANCELLED,
  };
}

/** The class as a rule knows it: libraries set `name`, or leave it to the constructor. */
function nameOf(error: Record<string, unknown>): string {
  const name = typeof error.name === 'string' ? error.name : '';
  if (name && name !== 'Error' && name !== 'error') return name;
  const made = (error as object).constructor as { name?: unknown } | undefined;
  return typeof made?.name === 'string' ? made.name : name;
}

/** Errors that carry the HTTP status they want: http-errors, Koa, Nest, Fastify. */
function byStatus(error: Record<string, unknown>): Found | undefined {
  const asked = typeof error.getStatus === 'function' && typeof error.getResponse === 'function';
  const status = asked
    ? Number((error.getStatus as () => unknown).call(error))
    : Number(error.status ?? error.statusCode);
  if (status >= 400 && status < 600) {
    const code = codeOfStatus(status);
    return found(code, { status, info: asked ? nestInfo(error) : null });
  }
  // Nest's RpcException and WsException: what a remote caller is meant to see.
  if (typeof error.getError === 'function') return found('AppBadRequest', {});
  return undefined;
}

/** Nest's validation: `message` is the list of what is wrong. */
function nestInfo(error: Record<string, unknown>): unknown {
  const answer = (error.getResponse as () => unknown).call(error);
  const message = isRecord(answer) ? answer.message : undefined;
  return Array.isArray(message) ? { errors: message } : null;
}
