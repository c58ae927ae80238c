// The rules for requests to other services: axios, fetch, got. `info` says how the failed request
// looked, and is picked member by member: an axios error as a whole holds the caller's secrets.

import { CANCELLED, type Rule, type Shape } from './recognise.js';

const REQUEST = 'RequestError';
const TIMEOUT = 'RequestTimeoutError';

interface AxiosConfig {
  method?: unknown;
  url?: unknown;
  baseURL?: unknown;
  params?: unknown;
  headers?: unknown;
  data?: unknown;
  signal?: { reason?: { name?: unknown } };
}

/** The request of an axios error, for the report. The caller never sees it in production. */
export function axiosRequest(error: Record<string, unknown>): Record<string, unknown> {
  const config = (error.config ?? {}) as AxiosConfig;
  const response = error.response as { status?: unknown; data?: unknown } | undefined;
  return {
    method: String(config.method ?? 'get').toUpperCase(),
    url: joinUrl(config.baseURL, config.url),
    params: config.params,
    headers: config.headers,
    body: small(config.data),
    status: response?.status,
    answer: small(response?.data),
  };
}

const small = (value: unknown): unknown =>
  typeof value === 'string' && value.length > 2_000 ? `${value.slice(0, 2_000)}…` : value;

function joinUrl(base: unknown, url: unknown): string {
  const path = String(url ?? '');
  if (!base || /^[a-z][\w+.-]*:\/\//i.test(path)) return path;
  return `${String(base).replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`;
}

const axios: Rule = ({ error, code }) => {
  if (error.isAxiosError !== true) return undefined;
  const info = axiosRequest(error);
  const config = error.config as AxiosConfig | undefined;
  if (code === 'ERR_CANCELED') {
    // A time-out by AbortSignal arrives as a cancellation.
    const isLate = config?.signal?.reason?.name === 'TimeoutError';
    return { code: isLate ? TIMEOUT : CANCELLED, info };
  }
  const isLate = code === 'ECONNABORTED' || code === 'ETIMEDOUT';
  return { code: isLate ? TIMEOUT : REQUEST, info };
};

/** Requests of fetch by the error they ended with, where somebody tells of them. */
export const failedRequests = new WeakMap<object, { method: string; url: string }>();

/** got keeps the request in `options`; what fetch asked is known by the cause. */
function askedOf(error: Record<string, unknown>): Record<string, unknown> | null {
  const options = error.options as { method?: unknown; url?: unknown } | undefined;
  const response = error.response as { statusCode?: unknown } | undefined;
  if (options?.url) {
    const { method, url } = options;
    return { method, url: String(url), status: response?.statusCode };
  }
  const cause = error.cause as { code?: unknown } | undefined;
  if (typeof cause !== 'object' || cause === null) return null;
  return { ...failedRequests.get(cause), cause: cause.code ?? null };
}

const fetched: Rule = (shape) => {
  const code = fetchCode(shape);
  return code && { code, info: askedOf(shape.error) };
};

function fetchCode({ name, message, code, error }: Shape): string | undefined {
  if (name === 'TimeoutError') return TIMEOUT;
  if (name === 'AbortError') return CANCELLED;
  if (typeof code === 'string' && /^UND_ERR_\w*TIMEOUT$/.test(code)) return TIMEOUT;
  if (typeof code === 'string' && code.startsWith('UND_ERR_')) return REQUEST;
  if (name === 'HTTPError' && 'response' in error) return REQUEST;
  if (name === 'RequestError' && typeof code === 'string') {
    return code === 'ETIMEDOUT' ? TIMEOUT : REQUEST;
  }
  if (name !== 'TypeError') return undefined;
  // Node, Chromium, Firefox, Safari.
  if (!/^(fetch failed|Failed to fetch|NetworkError when|Load failed)/.test(message)) {
    return undefined;
  }
  const cause = error.cause as { code?: unknown } | undefined;
  const isLate = typeof cause?.code === 'string' && /TIMEOUT|ETIMEDOUT/.test(cause.code);
  return isLate ? TIMEOUT : REQUEST;
}

export const requestRules: readonly Rule[] = [axios, fetched];
