// Save as src/log-center-axios.js beside report-error.js, and call it once for each client:
//   reportFailures(axios);
import { reportError } from './report-error';

/** Reports answers of 500 and above, time-outs and lost connections; not 4xx, not the cancelled. */
export function reportFailures(client) {
  client.interceptors.response.use(undefined, (error) => {
    try {
      report(client, error);
    } catch {
      // The page comes first.
    }
    return Promise.reject(error);
  });
}

function report(client, error) {
  const { config = {}, response } = error;
  const timedOut = config.signal?.reason?.name === 'TimeoutError';
  if (response?.status < 500 || (error.code === 'ERR_CANCELED' && !timedOut)) return;

  const { pathname } = new URL(client.getUri(config), location.href);
  // Without its numbers, or every order would be an issue of its own.
  const path = pathname.replace(/\/(\d+|[\da-f]{8}-[\da-f-]{27})(?=\/|$)/gi, '/:id');
  const method = (config.method ?? 'get').toUpperCase();
  const late = timedOut || ['ECONNABORTED', 'ETIMEDOUT'].includes(error.code);
  const code = late ? 'RequestTimeoutError' : 'RequestError';
  const status = response?.status;
  const request_id = response?.headers?.['x-request-id'];
  reportError(
    error,
    { url: pathname, method, status, params: config.params, request_id },
    { type: 'AxiosError', code, file_path: `${method} ${path}`, line_number: 0 },
  );
}
