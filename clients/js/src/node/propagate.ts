// Outgoing requests carry the id of the request they belong to, so that one search finds what every
// service reported. Node itself tells of new requests; nothing is patched.

import { channel } from 'node:diagnostics_channel';
import { HEADER, idFor } from '../outgoing.js';
import { failedRequests } from '../rules-requests.js';

interface FetchRequest {
  origin?: unknown;
  method?: string;
  path?: string;
  headers?: string | unknown[];
  addHeader?: (name: string, value: string) => void;
}
interface HttpRequest {
  protocol?: string;
  host?: string;
  path?: string;
  headersSent?: boolean;
  getHeader: (name: string) => unknown;
  setHeader: (name: string, value: string) => void;
}

/** Fetch, and everything else that undici does. */
function onFetch(message: unknown): void {
  try {
    const { request } = message as { request: FetchRequest };
    const id = idFor(`${String(request.origin ?? '')}${request.path ?? ''}`);
    if (!id || !request.addHeader) return;
    const { headers } = request;
    const given = typeof headers === 'string' ? headers : (headers ?? []).join('\n');
    if (!/(^|\n)x-request-id/i.test(given)) request.addHeader(HEADER, id);
  } catch {
    // The request goes out as it is.
  }
}

/** What fetch throws says nothing of the request; this says it, of the same error. */
function onFetchError(message: unknown): void {
  const { request, error } = message as { request?: FetchRequest; error?: unknown };
  if (!request || typeof error !== 'object' || error === null) return;
  const { method = 'GET', origin = '', path = '' } = request;
  failedRequests.set(error, { method, url: `${String(origin)}${path}` });
}

/** `http.request`, of Node versions that tell of it in time. */
function onHttp(message: unknown): void {
  try {
    const { request } = message as { request: HttpRequest };
    const { protocol = 'http:', host = '', path = '' } = request;
    const id = idFor(`${protocol}//${host}${path}`);
    if (id && !request.headersSent && !request.getHeader(HEADER)) request.setHeader(HEADER, id);
  } catch {
    // The request goes out as it is.
  }
}

// Held here: a channel that nobody holds is forgotten, and who listens to it, too.
const fetches = channel('undici:request:create');
const failures = channel('undici:request:error');
const requests = channel('http.client.request.created');
let isWatching = false;

export function watchRequests(): void {
  if (isWatching) return;
  isWatching = true;
  fetches.subscribe(onFetch);
  failures.subscribe(onFetchError);
  requests.subscribe(onHttp);
}
