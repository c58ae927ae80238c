// One error in the form that callers and Log Center see. What would tell callers about the inside
// of the program stays inside, except in development and test.

import { causeOf, typeOf } from './causes.js';
import { safe, safeText, scrubText } from './safe.js';
import { stackLines } from './stack.js';
import type { Found } from './recognise.js';
import type { OriginalError, StructuredError } from './types.js';

export interface FormatRules {
  recognise: (error: unknown) => Found;
  environment: string;
  exposeCodes: readonly string[];
  scrub: readonly (string | RegExp)[];
  requestId: string | undefined;
}

const OPEN = /^(dev|development|test|testing|local)$/i;
const DEPTH_MAX = 5;

/** The HTTP status and the body to answer a failed request with. */
export function answerOf(
  error: unknown,
  rules: FormatRules,
): { status: number; body: StructuredError } {
  const found = rules.recognise(error);
  const isOpen = OPEN.test(rules.environment);
  const isShown = isOpen || found.status < 500 || rules.exposeCodes.includes(found.code);
  const body: StructuredError = {
    code: found.code,
    message: isShown ? scrubText(messageOf(error), rules.scrub) : 'Internal server error',
    info: isShown ? safe(found.info, rules.scrub) : null,
    // What the application chose to answer is the caller's: it is not scrubbed.
    data: found.data ?? null,
  };
  if (rules.requestId) body.requestId = rules.requestId;
  if (isOpen) body.originalError = originalOf(error, rules.scrub);
  return { status: found.status, body };
}

export function messageOf(error: unknown): string {
  if (typeof error === 'object' && error !== null) {
    if (Array.isArray(error)) return safeText(`${error.length} validation errors`);
    try {
      const { message } = error as { message?: unknown };
      if (typeof message === 'string') return safeText(message);
      return safeText(JSON.stringify(safe(error)));
    } catch {
      return '[unreadable]';
    }
  }
  return safeText(error);
}

/** The error and what caused it, for people who repair it. */
export function originalOf(
  error: unknown,
  scrub: readonly (string | RegExp)[],
  depth = 0,
): OriginalError {
  const original: OriginalError = {
    type: safeText(typeOf(error)),
    message: scrubText(messageOf(error), scrub),
  };
  try {
    const { code } = (error ?? {}) as { code?: unknown };
    if (typeof code === 'string' || typeof code === 'number') original.code = code;
    const stack = stackLines(error).map((line) => scrubText(line, scrub)).slice(0, 50);
    if (stack.length) original.stack = stack;
    const cause = causeOf(error);
    if (cause !== undefined && cause !== error && depth < DEPTH_MAX) {
      original.cause = originalOf(cause, scrub, depth + 1);
    }
  } catch {
    // What could be read stands.
  }
  return original;
}
