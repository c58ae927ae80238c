// An error and what caused it, whatever its library calls that. Nothing here throws, and no chain
// is endless. The package and the file for pages both read errors with it.

import { stackLines } from './stack.js';

/** One error of a chain. */
export interface Link {
  error: unknown;
  type: string;
  message: string;
  /** Its frames. */
  lines: string[];
}

const LINKS_MAX = 5;
const LINES_MAX = 200;
const TYPE_MAX = 256;

export type Chain = [Link, ...Link[]];

/** The error itself, then its causes. */
export function chainOf(error: unknown, messageOf: (error: unknown) => string): Chain {
  const link = (one: unknown): Link => ({
    error: one,
    type: typeOf(one),
    message: messageOf(one),
    lines: isError(one) ? stackLines(one) : [],
  });
  const chain: Chain = [link(error)];
  let cause = causeOf(error);
  while (cause !== undefined && chain.length < LINKS_MAX) {
    if (chain.some((one) => one.error === cause)) break;
    chain.push(link(cause));
    cause = causeOf(cause);
  }
  return chain;
}

/** How a chain is told: each error's line, then its frames. */
export const traceOf = (chain: readonly Link[]): string[] =>
  chain
    .flatMap(({ type, message, lines }, depth) => [
      `${depth ? 'Caused by: ' : ''}${type}: ${message}`,
      ...lines,
    ])
    .slice(0, LINES_MAX);

/** The class, as people know it. */
export function typeOf(error: unknown): string {
  if (!isError(error)) return 'NonError';
  try {
    const { name } = error;
    if (typeof name === 'string' && name && name !== 'Error' && name !== 'error') {
      return name.slice(0, TYPE_MAX);
    }
    const made: unknown = error.constructor?.name;
    const isTold = typeof made === 'string' && made !== 'Object';
    return (isTold && made.slice(0, TYPE_MAX)) || 'Error';
  } catch {
    return 'Error';
  }
}

/** Errors of other realms (frames, vm) are errors, too. */
export function isError(error: unknown): error is Error {
  try {
    return (
      error instanceof Error ||
      (typeof error === 'object' &&
        error !== null &&
        typeof (error as Error).message === 'string' &&
        typeof (error as Error).stack === 'string')
    );
  } catch {
    return false;
  }
}

/** Whatever a library calls it. */
export function causeOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) return undefined;
  try {
    const held = error as Record<string, unknown>;
    const { cause, originalError, driverError, original, errors } = held;
    const inner = cause ?? originalError ?? driverError ?? original;
    if (inner !== undefined && inner !== null) return inner;
    return Array.isArray(errors) && isError(errors[0]) ? errors[0] : undefined;
  } catch {
    return undefined;
  }
}
