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

/** Under these names Nest's decorators keep what they were told. */
const GATEWAY = 'websockets:is_gateway';
const FILTERS = '__exceptionFilters__';

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
      else if (kind === 'ws') reportSocket(exception, host as Host);
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

/** A gateway's arguments are the socket, what it sent, and at the end the name of the message. */
function reportSocket(exception: unknown, host: Host): void {
  const { client } = state;
  if (!client?.isReported(exception)) return;
  const args = host.getArgs();
  const [socket, data] = args as [{ handshake?: { headers?: Headers } } | undefined, unknown];
  const rpc = { transport: 'ws', pattern: args.length > 2 ? args.at(-1) : undefined, data };
  client.capture(exception, { scope: messageScope(socket?.handshake?.headers), context: { rpc } });
}

/** Microservices (`rpc`) and RabbitMQ (`rmq`): a message with a pattern. */
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

interface Socket {
  /** Socket.IO sends it; of a plain WebSocket this only calls its own listeners. */
  emit?: (name: string, body: unknown) => void;
  nsp?: unknown;
  send?: (text: string) => void;
}

/** Sockets have no other way to hear of an error. */
function answerSocket(exception: unknown, host: Host): void {
  const socket = host.getArgByIndex(0) as Socket | undefined;
  const { getError } = (exception ?? {}) as { getError?: () => unknown };
  const known = typeof getError === 'function' ? getError.call(exception) : undefined;
  const message = known ?? 'Internal server error';
  const data = typeof message === 'object' ? message : { status: 'error', message };
  socket?.emit?.('exception', data);
  if (socket?.nsp || typeof socket?.send !== 'function') return;
  // In the form of Nest's WsAdapter, which itself would say nothing.
  socket.send(JSON.stringify({ event: 'exception', data }));
}

interface Application {
  use?: (middleware: unknown) => unknown;
  useGlobalFilters: (filter: never) => unknown;
  getHttpAdapter?: () => unknown;
  connectMicroservice?: (options: never, hybrid?: { inheritAppConfig?: boolean }) => unknown;
  container?: { getModules?: () => Map<unknown, Module> };
}

interface Module {
  providers: Map<unknown, { metatype?: unknown }>;
}

interface Metadata {
  getMetadata?: (name: string, of: object) => unknown;
  defineMetadata?: (name: string, value: unknown, of: object) => void;
}

/**
 * Nest's global filters do not reach gateways, so each gets ours as if it stood in its
 * `@UseFilters`; the gateway's own ones go before it.
 */
function watchGateways(app: Application, filter: LogCenterFilter): void {
  const { getMetadata, defineMetadata } = Reflect as Metadata;
  if (!getMetadata || !defineMetadata) return;
  for (const { providers } of app.container?.getModules?.().values() ?? []) {
    for (const { metatype } of providers.values()) {
      if (typeof metatype !== 'function' || !getMetadata(GATEWAY, metatype)) continue;
      const own = (getMetadata(FILTERS, metatype) ?? []) as unknown[];
      const isThere = own.some((one) => one === LogCenterFilter || one instanceof LogCenterFilter);
      if (!isThere) defineMetadata(FILTERS, [filter, ...own], metatype);
    }
  }
}

/** All that an application needs; before its microservices are connected and it listens. */
export function install(app: object, options: NestOptions = {}): void {
  const one = app as Application;
  one.use?.(requestMiddleware());
  const filter = new LogCenterFilter(one.getHttpAdapter?.(), options);
  one.useGlobalFilters(filter as never);
  try {
    watchGateways(one, filter);
  } catch {
    // What it looks at is not documented; `@UseFilters(LogCenterFilter)` does the same.
  }
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
