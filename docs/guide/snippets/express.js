// Save as log-center-express.js beside report-error-node.mjs, and use it after all your routes:
//   app.use(logCenter);
import { randomUUID } from 'node:crypto';
import { reportError } from './report-error-node.mjs';

/** Reports what becomes an answer of 500 and above; whoever answers it does so as before. */
export function logCenter(error, req, res, next) {
  const status = error?.status ?? error?.statusCode ?? 500;
  if (status >= 500) {
    reportError(error, {
      url: req.originalUrl,
      method: req.method,
      params: req.query,
      view: req.route?.path,
      user_id: req.user?.id,
      request_id: req.get('x-request-id') || randomUUID(),
    });
  }
  next(error);
}
