// Save as log-center-koa.js beside report-error-node.mjs, and use it before all other middleware:
//   app.use(logCenter);
import { randomUUID } from 'node:crypto';
import { reportError } from './report-error-node.mjs';

/** Reports what becomes an answer of 500 and above, and leaves the answer to Koa. */
export async function logCenter(ctx, next) {
  try {
    await next();
  } catch (error) {
    if ((error?.status ?? error?.statusCode ?? 500) >= 500) {
      reportError(error, {
        url: ctx.originalUrl,
        method: ctx.method,
        params: ctx.params,
        query: ctx.query,
        user_id: ctx.state.user?.id,
        request_id: ctx.get('x-request-id') || randomUUID(),
      });
    }
    throw error;
  }
}
