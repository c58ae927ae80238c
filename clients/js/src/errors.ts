// The errors that a program throws itself. Their codes are what clients of the program and Log
// Center see; they are known by a mark, never by `instanceof`, since a program may hold two copies
// of this package.

import { KINDS } from './kinds.js';

const MARK = Symbol.for('log-center.error');

export interface ErrorDetails {
  /** Another code than the class's. */
  code?: string;
  /** The HTTP status, if the class's does not fit. */
  status?: number;
  /** How the failed request looked, or which fields were wrong. */
  info?: unknown;
  /** What could still be answered. */
  data?: unknown;
  cause?: unknown;
}

/** What every error of a program may be: a code, a status, and details for the caller. */
export class AppError extends Error {
  static code = 'AppError';
  readonly code: string;
  readonly status: number;
  readonly info: unknown;
  readonly data: unknown;

  constructor(message: string, details: ErrorDetails = {}) {
    super(message);
    // As the language does it itself: only where there is one, and not enumerable.
    if ('cause' in details) {
      const { cause: value } = details;
      Object.defineProperty(this, 'cause', { value, writable: true, configurable: true });
    }
    // Not `constructor.name`, which a minifier shortens.
    const code = details.code ?? (new.target as typeof AppError).code;
    Object.defineProperty(this, MARK, { value: true });
    Object.defineProperty(this, 'name', {
      value: new.target.name.length > 2 ? new.target.name : code,
      writable: true,
      configurable: true,
    });
    this.code = code;
    this.status = details.status ?? statusOfClass(new.target as typeof AppError, code);
    this.info = details.info ?? null;
    this.data = details.data ?? null;
  }
}

function statusOfClass(one: typeof AppError, code: string): number {
  const known = KINDS[code];
  if (known) return known[0];
  const parent = Object.getPrototypeOf(one) as typeof AppError | null;
  return parent?.code ? statusOfClass(parent, parent.code) : 500;
}

export class AppBadRequest extends AppError {
  static override code = 'AppBadRequest';
}
export class ValidationError extends AppError {
  static override code = 'ValidationError';
}
export class AuthError extends AppError {
  static override code = 'AuthError';
}
export class ForbiddenError extends AppError {
  static override code = 'ForbiddenError';
}
export class NotFoundError extends AppError {
  static override code = 'NotFoundError';
}
export class ConflictError extends AppError {
  static override code = 'ConflictError';
}
export class RateLimitError extends AppError {
  static override code = 'RateLimitError';
}
export class DatabaseError extends AppError {
  static override code = 'DatabaseError';
}
export class DatabaseUniqueError extends DatabaseError {
  static override code = 'DatabaseUniqueError';
}
export class DatabaseConnectionError extends DatabaseError {
  static override code = 'DatabaseConnectionError';
}
export class RequestError extends AppError {
  static override code = 'RequestError';
}
export class RequestTimeoutError extends RequestError {
  static override code = 'RequestTimeoutError';
}

/** Whether it is one of the above, of whichever copy of the package. */
export const isOwn = (error: unknown): error is AppError =>
  typeof error === 'object' && error !== null && MARK in error;
