// NestJS 12, 11 and 10: one filter for HTTP, GraphQL, microservices, sockets and golevelup's
// RabbitMQ. It reports what nobody expected, and the answer stays what Nest makes of it.

import { BaseExceptionFilter } from '@nestjs/core';
import { formatError, httpStatus } from './api.js';
import { isOwn } from './errors.js';
import {
  describeRequest,
  reportRequestError,
  requestMiddleware,
  requestScope,
  scopeOf,
  type IncomingRequest,
} from './node/requests.js';
import type { Scope } from './scope.js';
import { currentScope, state } from './state.js';
import type { Context } from './types.js';

export { requestMiddleware } from './node/requests.js';

/** Nest's ArgumentsHost, as far as it is the same in all versions. */
interface Host {
  getType: () => string;
  getArgs: () => unknown[];
  getArgByIndex: (index: number) => unknown;
}

export interface NestOptions {
  /** Answer every HTTP error in the structured form, instead of Nest's own. */
  answer?: boolean;
}

interface HttpResponse {
  headersSent?: boolean;
  sent?: boolean;
  status: (code: number) => { send: (body: unknown) => unknown };
}

type Headers = Record<string, string | undefined>;

/* The types of an application differ between Nest's versions in what we do not use. */
export class LogCenterFilter extends BaseExceptionFilter {
  readonly #options: NestOptions;

  // For `app.useGlobalFilters`; as APP_FILTER Nest gives the adapter itself.
  constructor(adapter?: any, options: NestOptions = {}) {
    super(adapter);
    this.#options = options;
  }

  /**
   * Never asynchronous, and without a value outside HTTP: there a promise or an answer counts as
   * "handled", so that callers would get nothing and queues would lose the message.
   */
  override catch(exception: any, host: any): any {
    const kind = (host as Host).getType();
    if (kind === 'http') return this.#http(exception, host as Host);
    try {
      if (kind === 'graphql') reportGraphql(exception, host as Host);
      else reportMessage(exception, host as Host, kind);
    } catch {
      // Nest goes on as it would without us.
    }
    if (kind === 'ws') answerSocket(exception, host as Host);
    return undefined;
  }

  #http(exception: unknown, host: Host): void {
    const request = host.getArgByIndex(0) as IncomingRequest & { raw?: object };
    const response = host.getArgByIndex(1) as HttpResponse;
    const key = scopeOf(request) ? request : request.raw;
    reportRequestError(exception, key, describeRequest(request));
    const isOpen = !response.headersSent && !response.sent;
    // Our own errors say themselves what they answer; Nest would make 500 of them.
    if (isOpen && (this.#options.answer || isOwn(exception))) {
      const send = (): unknown =>
        response.status(httpStatus(exception)).send(formatError(exception));
      state.scopes.run(scopeOf(key) ?? currentScope(), send);
      return;
    }
    super.catch(exception, host as any);
  }
}

function reportGraphql(exception: unknown, host: Host): void {
  const [root, args, context, info] = host.getArgs() as [
    unknown,
    unknown,
    { req?: IncomingRequest } | undefined,
    { fieldName?: string; parentType?: { name?: string }; operation?: { operation?: string } },
  ];
  const request = context?.req;
  const field = `${info?.parentType?.name ?? ''}.${info?.fieldName ?? ''}`;
  const graphql = { operation: info?.operation?.operation, field, args, root };
  const about: Context = request?.headers ? { ...describeRequest(request), graphql } : { graphql };
  reportRequestError(exception, request, about);
}

/** Microservices (`rpc`), RabbitMQ (`rmq`) and sockets (`ws`): a message with a pattern. */
function reportMessage(exception: unknown, host: Host, kind: string): void {
  const { client } = state;
  if (!client?.isReported(exception)) return;
  const [data, context] = host.getArgs() as [unknown, unknown];
  const scope = messageScope(kind === 'rmq' ? amqpHeaders(context) : contextHeaders(context));
  const rpc = { transport: kind, pattern: patternOf(context), data };
  client.capture(exception, { scope, context: { rpc } });
}

function messageScope(headers: Headers | undefined): Scope {
  const around = currentScope();
  return around.id ? around : requestScope(headers ?? {});
}

interface Message {
  properties?: { headers?: Headers };
  fields?: { routingKey?: string; exchange?: string };
}

const amqpHeaders = (message: unknown): Headers | undefined =>
  (message as Message | undefined)?.properties?.headers;

function contextHeaders(context: unknown): Headers | undefined {
  const { getMessage } = (context ?? {}) as { getMessage?: () => unknown };
  return typeof getMessage === 'function' ? amqpHeaders(getMessage.call(context)) : undefined;
}

function patternOf(context: unknown): unknown {
  const { getPattern, fields } = (context ?? {}) as Message & { getPattern?: () => unknown };
  if (typeof getPattern === 'function') return getPattern.call(context);
  return fields?.routingKey;
}

/** Sockets have no other way to hear of an error. */
function answerSocket(exception: unknown, host: Host): void {
  const socket = host.getArgByIndex(0) as { emit?: (name: string, body: unknown) => void };
  const { getError } = (exception ?? {}) as { getError?: () => unknown };
  const known = typeof getError === 'function' ? getError.call(exception) : undefined;
  const message = known ?? 'Internal server error';
  socket?.emit?.('exception', typeof message === 'object' ? message : { status: 'error', message });
}

interface Application {
  use?: (middleware: unknown) => unknown;
  useGlobalFilters: (filter: never) => unknown;
  getHttpAdapter?: () => unknown;
  connectMicroservice?: (options: never, hybrid?: { inheritAppConfig?: boolean }) => unknown;
}

/** Everything for an application: the request's scope, the filter, a warning for hybrid ones. */
export function install(app: object, options: NestOptions = {}): void {
  const one = app as Application;
  one.use?.(requestMiddleware());
  one.useGlobalFilters(new LogCenterFilter(one.getHttpAdapter?.(), options) as never);
  const connect = one.connectMicroservice?.bind(one);
  if (!connect) return;
  one.connectMicroservice = (settings, hybrid = {}) => {
    if (!hybrid.inheritAppConfig) {
      console.warn(
        'log-center: errors of this microservice are not reported; ' +
          'pass { inheritAppConfig: true } to connectMicroservice.',
      );
    }
    return connect(settings, hybrid);
  };
}
