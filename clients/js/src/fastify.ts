// Fastify 5 and 4: a plugin.

import { formatError, httpStatus } from './api.js';
import {
  describeRequest,
  HEADER,
  rememberScope,
  reportRequestError,
  requestScope,
  scopeOf,
  type IncomingRequest,
} from './node/requests.js';
import { state } from './state.js';

export { reportRequestError } from './node/requests.js';

interface FastifyRequest extends IncomingRequest {
  routeOptions?: { url?: string | undefined };
}
interface FastifyReply {
  header: (name: string, value: string) => unknown;
  status: (code: number) => { send: (body: unknown) => unknown };
}
type Next = (error?: Error) => void;
// Fastify's own type of it differs between its versions in what we do not use.
type Instance = any;

export interface FastifyOptions {
  /** Answer with the structured error instead of Fastify's own. */
  answer?: boolean;
}

function register(instance: Instance, options: FastifyOptions, done: Next): void {
  instance.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, next: Next) => {
    const scope = requestScope(request.headers);
    scope.describe = () => {
      const route = { path: request.routeOptions?.url };
      const { method, url, headers, query, params, body, user, protocol, socket } = request;
      const seen = { method, url, headers, query, params, body, user, protocol, socket, route };
      return describeRequest(seen as IncomingRequest);
    };
    rememberScope(request, scope);
    reply.header(HEADER, scope.requestId!);
    state.scopes.run(scope, next);
  });
  // Reading the body loses the async context.
  instance.addHook('preValidation', (request: FastifyRequest, _: FastifyReply, next: Next) => {
    state.scopes.run(scopeOf(request) ?? state.root, next);
  });
  instance.addHook(
    'onError',
    (request: FastifyRequest, _: FastifyReply, error: Error, next: Next) => {
      reportRequestError(error, request);
      next();
    },
  );
  if (options.answer) {
    instance.setErrorHandler((error: Error, request: FastifyRequest, reply: FastifyReply) => {
      reportRequestError(error, request);
      const send = (): unknown => reply.status(httpStatus(error)).send(formatError(error));
      return state.scopes.run(scopeOf(request) ?? state.root, send);
    });
  }
  done();
}

/** `app.register(logCenter)`, before the routes. */
export const logCenter = Object.assign(register, {
  // For the whole application, not only for what is registered inside.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'log-center',
});
