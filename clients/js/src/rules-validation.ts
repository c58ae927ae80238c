// The rules for what callers send: which fields were wrong, in one form for all validators.

import type { Rule } from './recognise.js';

interface Fault {
  field: string;
  message: string;
}

const VALIDATION = 'ValidationError';
const FAULTS_MAX = 50;

const list = (faults: Fault[]): ReturnType<Rule> => ({
  code: VALIDATION,
  info: { errors: faults.slice(0, FAULTS_MAX) },
});

const text = (value: unknown): string => (typeof value === 'string' ? value : String(value ?? ''));

/** `['items', 0, 'price']`, or valibot's objects, as `items.0.price`. */
const joined = (path: unknown): string =>
  Array.isArray(path)
    ? path.map((one) => text((one as { key?: unknown } | null)?.key ?? one)).join('.')
    : text(path);

interface Issue {
  path?: unknown;
  message?: unknown;
  instancePath?: unknown;
  params?: { missingProperty?: unknown };
}

const faultsOf = (issues: unknown): Fault[] =>
  (Array.isArray(issues) ? (issues as Issue[]) : []).map((one) => ({
    field: joined(one?.path),
    message: text(one?.message),
  }));

/** zod, valibot, Joi, yup, Ajv. */
const validators: Rule = ({ name, error, message }) => {
  if ((name === 'ZodError' || name === '$ZodError' || name === 'ValiError') && error.issues) {
    return list(faultsOf(error.issues));
  }
  if (error.isJoi === true) return list(faultsOf(error.details));
  if (error.ajv === true || error.validation !== undefined) {
    return list(ajvFaults(error.ajv === true ? error.errors : error.validation));
  }
  if (name === VALIDATION && Array.isArray(error.inner)) {
    const inner = faultsOf(error.inner);
    return list(inner.length ? inner : [{ field: joined(error.path), message }]);
  }
  return undefined;
};

const ajvFaults = (errors: unknown): Fault[] =>
  (Array.isArray(errors) ? (errors as Issue[]) : []).map((one) => {
    const place = text(one.instancePath).replace(/^\//, '').replace(/\//g, '.');
    const missing = text(one.params?.missingProperty);
    return { field: [place, missing].filter(Boolean).join('.'), message: text(one.message) };
  });

/** mongoose: `errors` by path, or one value that could not be cast. */
const mongoose: Rule = ({ name, error, message }) => {
  if (name === 'CastError' && 'path' in error && 'value' in error) {
    return list([{ field: joined(error.path), message }]);
  }
  const { errors } = error;
  if (name !== VALIDATION || typeof errors !== 'object' || errors === null) return undefined;
  return list(
    Object.entries(errors).map(([field, one]) => ({
      field,
      message: text((one as { message?: unknown } | null)?.message),
    })),
  );
};

interface Constrained {
  property?: unknown;
  constraints?: Record<string, string>;
  children?: unknown;
}

/** class-validator rejects with a list of objects that are no errors. */
const classValidator: Rule = ({ error }) => {
  if (!Array.isArray(error) || !error.length) return undefined;
  const all = error as Constrained[];
  if (!all.every((one) => typeof one?.property === 'string' && 'constraints' in one)) {
    const nested = all.every((one) => typeof one?.property === 'string' && 'children' in one);
    if (!nested) return undefined;
  }
  return list(constrained(all, ''));
};

function constrained(all: Constrained[], above: string): Fault[] {
  return all.flatMap((one) => {
    const field = `${above}${text(one.property)}`;
    const own = Object.values(one.constraints ?? {}).map((message) => ({ field, message }));
    const children = Array.isArray(one.children) ? (one.children as Constrained[]) : [];
    return [...own, ...constrained(children, `${field}.`)];
  });
}

/** body-parser, and what Fastify says of the same. */
const bodies: Rule = ({ error, code }) => {
  const status = Number(error.status ?? error.statusCode);
  const isBody = typeof error.type === 'string' && error.type.startsWith('entity.');
  if (!isBody && !(typeof code === 'string' && code.startsWith('FST_ERR_CTP'))) return undefined;
  return { code: status === 413 ? 'TooLargeError' : VALIDATION, status: status || 400 };
};

export const validationRules: readonly Rule[] = [validators, mongoose, classValidator, bodies];
