// Express 5 and 4: the first middleware and the last.

import { formatError, httpStatus } from './api.js';
import {
  reportRequestError,
  scopeOf,
  type IncomingRequest,
  type OutgoingResponse,
} from './node/requests.js';
import { state } from './state.js';

export { reportRequestError, requestMiddleware } from './node/requests.js';

interface ExpressResponse extends OutgoingResponse {
  status: (code: number) => { json: (body: unknown) => unknown };
}

export interface ErrorHandlerOptions {
  /** Answer with the structured error, instead of leaving the answer to the next handler. */
  answer?: boolean;
}

/** Comes after all routes. Reports what nobody expected, then goes on to the next handler. */
export function errorHandler({ answer = false }: ErrorHandlerOptions = {}) {
  // Express knows an error handler by its four parameters.
  return function logCenterErrors(
    error: unknown,
    request: IncomingRequest,
    response: ExpressResponse,
    next: (error?: unknown) => void,
  ): void {
    reportRequestError(error, request);
    if (!answer || response.headersSent) {
      next(error);
      return;
    }
    const scope = scopeOf(request) ?? state.root;
    state.scopes.run(scope, () => response.status(httpStatus(error)).json(formatError(error)));
  };
}
