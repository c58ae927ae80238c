// The kinds of errors, each with the HTTP status and the level that go with it.

import type { Level } from './types.js';

/** HTTP status, level, and whether an integration reports it unasked. */
export type Kind = readonly [status: number, level: Level, reported: boolean];

const REFUSED: Level = 'warn';

export const KINDS: Readonly<Record<string, Kind>> = {
  ValidationError: [400, REFUSED, false],
  AppBadRequest: [400, REFUSED, false],
  AuthError: [401, REFUSED, false],
  ForbiddenError: [403, REFUSED, false],
  NotFoundError: [404, REFUSED, false],
  ConflictError: [409, REFUSED, false],
  TooLargeError: [413, REFUSED, false],
  RateLimitError: [429, REFUSED, false],
  DatabaseUniqueError: [409, REFUSED, true],
  DatabaseError: [500, 'error', true],
  DatabaseConnectionError: [503, 'fatal', true],
  RequestError: [502, 'error', true],
  RequestTimeoutError: [504, 'error', true],
  AppError: [500, 'error', true],
};

/** The code that fits an HTTP status best. */
export const codeOfStatus = (status: number): string =>
  CODES[status] ?? (status < 500 ? 'AppBadRequest' : 'AppError');

const CODES: Record<number, string> = {
  401: 'AuthError',
  403: 'ForbiddenError',
  404: 'NotFoundError',
  409: 'ConflictError',
  413: 'TooLargeError',
  422: 'ValidationError',
  429: 'RateLimitError',
};

const LEVELS: Record<Level, [string, number]> = {
  debug: ['DEBUG', 0],
  info: ['INFO', 1],
  warn: ['WARNING', 2],
  error: ['ERROR', 3],
  fatal: ['CRITICAL', 4],
};
const OTHER_NAMES: Record<string, Level> = { warning: 'warn', critical: 'fatal' };

/** A level by any of its names, in any case. */
export function levelOf(name: unknown): Level | undefined {
  const lower = String(name).toLowerCase();
  if (Object.prototype.hasOwnProperty.call(LEVELS, lower)) return lower as Level;
  return OTHER_NAMES[lower];
}

/** The server's name of a level. */
export const wireLevel = (level: Level): string => LEVELS[level][0];
export const rankOf = (level: Level): number => LEVELS[level][1];
