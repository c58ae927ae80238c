// Koa 3 and 2: one middleware, the outermost, and the application's own event for what happens
// after the middleware is done, such as a stream that breaks.

import { formatError, httpStatus } from './api.js';
import {
  describeRequest,
  HEADER,
  isFilled,
  rememberScope,
  reportRequestError,
  requestScope,
} from './node/requests.js';
import { state } from './state.js';
import type { Context } from './types.js';

export { reportRequestError } from './node/requests.js';

interface KoaContext {
  req: object;
  res: { removeHeader: (name: string) => void };
  request: { headers: Record<string, string | string[] | undefined>; body?: unknown };
  method: string;
  originalUrl: string;
  protocol: string;
  query: unknown;
  params?: unknown;
  state: Record<string, unknown>;
  headerSent: boolean;
  status: number;
  body: unknown;
  app: { emit: (event: string, ...args: unknown[]) => unknown };
  set: (name: string, value: string) => void;
  _matchedRoute?: unknown;
}

interface KoaApp {
  on: (event: 'error', listener: (error: unknown, ctx?: unknown) => void) => unknown;
  listenerCount: (event: 'error') => number;
  onerror: (error: Error) => void;
}

export interface KoaOptions {
  /** Answer with the structured error instead of Koa's own text. */
  answer?: boolean;
}

function describe(ctx: KoaContext): Context {
  const { headers, body } = ctx.request;
  const { method, originalUrl, protocol, query, params } = ctx;
  const user = ctx.state.user;
  const request = { method, originalUrl, protocol, query, params, headers, body, user };
  const context = describeRequest(request, isFilled(params) ? params : undefined);
  if (typeof ctx._matchedRoute === 'string') context.route = ctx._matchedRoute;
  return context;
}

/** The first middleware of the application. */
export function requestMiddleware({ answer = false }: KoaOptions = {}) {
  return function logCenterRequest(ctx: KoaContext, next: () => Promise<unknown>): Promise<void> {
    const scope = requestScope(ctx.request.headers);
    scope.describe = () => describe(ctx);
    rememberScope(ctx.req, scope);
    const id = scope.requestId!;
    ctx.state.requestId = id;
    ctx.set(HEADER, id);
    return state.scopes.run(scope, async () => {
      try {
        await next();
      } catch (error) {
        reportRequestError(error, ctx.req);
        keepHeader(ctx);
        if (!answer || ctx.headerSent) throw error;
        ctx.status = httpStatus(error);
        ctx.body = formatError(error);
        ctx.app.emit('error', error, ctx);
      }
    });
  };
}

/** Koa takes all headers away before it answers an error; the id is what the caller needs then. */
function keepHeader({ res }: KoaContext): void {
  const remove = res.removeHeader;
  res.removeHeader = function removeOthers(name: string) {
    if (name.toLowerCase() !== HEADER) remove.call(res, name);
  };
}

/** Reports what reaches the application's `error` event; Koa's own log line stays. */
export function watchErrors(app: KoaApp): void {
  if (app.listenerCount('error') === 0) app.on('error', (error) => app.onerror(error as Error));
  app.on('error', (error, ctx) => reportRequestError(error, (ctx as KoaContext | undefined)?.req));
}
