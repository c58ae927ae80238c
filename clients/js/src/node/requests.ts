// Incoming requests: each has a scope of its own, with the caller's request id or a new one.

import { randomUUID } from 'node:crypto';
import { Scope, givenId } from '../scope.js';
import { currentScope, state } from '../state.js';
import type { Context, User } from '../types.js';

export const HEADER = 'x-request-id';

/** As much as Express, Fastify and plain Node have in common. */
export interface IncomingRequest {
  method?: string | undefined;
  url?: string | undefined;
  originalUrl?: string | undefined;
  headers: Record<string, string | string[] | undefined>;
  query?: unknown;
  params?: unknown;
  body?: unknown;
  user?: unknown;
  route?: { path?: unknown } | undefined;
  protocol?: string | undefined;
  socket?: unknown;
}

export interface OutgoingResponse {
  headersSent?: boolean;
  setHeader: (name: string, value: string) => unknown;
}

/** A scope with the request id, inside the program's own. */
export function requestScope(headers: IncomingRequest['headers']): Scope {
  const scope = new Scope(state.root);
  const { requestId, traceId } = givenId(headers[HEADER], headers.traceparent);
  scope.requestId = requestId ?? randomUUID();
  scope.traceId = traceId;
  return scope;
}

const BODY_BYTES_MAX = 10_240;

/** Only small bodies of known kinds; a form with files never. */
function bodyOf(request: IncomingRequest): unknown {
  const { body, headers } = request;
  if (body === undefined || body === null || state.client?.settings.bodies === 'never') {
    return undefined;
  }
  const kind = String(headers['content-type'] ?? '');
  if (kind.startsWith('multipart/')) return '[multipart]';
  const length = Number(headers['content-length'] ?? 0);
  if (length > BODY_BYTES_MAX) return `[${length} bytes]`;
  // Without a length in the headers: what the parser made of it.
  const size = typeof body === 'string' ? body.length : length || sizeOf(body);
  return size > BODY_BYTES_MAX ? `[${size} characters]` : body;
}

/** The program may have put into the body what is no JSON. */
function sizeOf(body: unknown): number {
  try {
    return JSON.stringify(body)?.length ?? 0;
  } catch {
    return 0;
  }
}

function queryOf(url: string, parsed: unknown): unknown {
  if (typeof parsed === 'object' && parsed !== null) return parsed;
  const at = url.indexOf('?');
  return at < 0 ? undefined : Object.fromEntries(new URLSearchParams(url.slice(at)));
}

function userOf(user: unknown): User | undefined {
  if (typeof user !== 'object' || user === null) return undefined;
  const { id, _id, userId, sub, username } = user as Record<string, unknown>;
  const found = id ?? _id ?? userId ?? sub ?? username;
  // An ObjectId is an object with a text.
  return found === undefined || found === null ? undefined : { id: String(found) };
}

/** What a report says of a request. */
export function describeRequest(request: IncomingRequest, seenParams?: unknown): Context {
  const path = request.originalUrl ?? request.url ?? '';
  const { host } = request.headers;
  const isSecure = (request.socket as { encrypted?: boolean } | undefined)?.encrypted === true;
  const protocol = request.protocol ?? (isSecure ? 'https' : 'http');
  const context: Context = {
    method: request.method ?? 'GET',
    url: host && path.startsWith('/') ? `${protocol}://${String(host)}${path}` : path,
    headers: request.headers,
  };
  const query = queryOf(path, request.query);
  const params = isFilled(request.params) ? request.params : seenParams;
  const body = bodyOf(request);
  const user = userOf(request.user);
  if (isFilled(query)) context.query = query;
  if (isFilled(params)) context.params = params;
  if (body !== undefined) context.body = body;
  if (typeof request.route?.path === 'string') context.route = request.route.path;
  if (user) {
    context.user = user;
    context.user_id = user.id as string;
  }
  return context;
}

export const isFilled = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length > 0;

/** Answers with the id, unless the answer has begun. */
export function tellId(response: OutgoingResponse, scope: Scope): void {
  if (!response.headersSent && scope.requestId) response.setHeader(HEADER, scope.requestId);
}

/** `(request, response, next)` for everything that is made of Node's own server. */
export function requestMiddleware() {
  return function logCenterRequest(
    request: IncomingRequest,
    response: OutgoingResponse,
    next: (error?: unknown) => void,
  ): void {
    // Mounted twice, or behind another of ours: one request is one scope.
    if (scopeOf(request)) {
      next();
      return;
    }
    const scope = requestScope(request.headers);
    let seenParams: unknown;
    scope.describe = () => describeRequest(request, seenParams);
    scopes.set(request, scope);
    tellId(response, scope);
    keepParams(request, (params) => (seenParams = params));
    state.scopes.run(scope, next);
  };
}

const scopes = new WeakMap<object, Scope>();

/** The scope of a request, also where the async context is lost. */
export const scopeOf = (request: unknown): Scope | undefined =>
  typeof request === 'object' && request !== null ? scopes.get(request) : undefined;

export const rememberScope = (request: object, scope: Scope): void => {
  scopes.set(request, scope);
};

/** Express takes the parameters away again before its error handlers run. */
function keepParams(request: IncomingRequest, keep: (params: unknown) => void): void {
  let params = request.params;
  try {
    Object.defineProperty(request, 'params', {
      configurable: true,
      enumerable: true,
      get: () => params,
      set: (value: unknown) => {
        params = value;
        if (isFilled(value)) keep(value);
      },
    });
  } catch {
    // A request that cannot be changed has no parameters in its reports.
  }
}

/** Reports an error of a request, if it is one that nobody expects. */
export function reportRequestError(error: unknown, request?: unknown, context?: Context): void {
  const { client } = state;
  if (!client || !client.isReported(error)) return;
  const scope = scopeOf(request) ?? currentScope();
  client.capture(error, context ? { scope, context } : { scope });
}
