// What happens to a page: errors nobody caught, its end, the network's return, its requests.

import { state } from '../state.js';
import { HEADER, isPropagated } from '../outgoing.js';
import { relative } from '../stack.js';
import { keep, sendBeacons, takeKept } from './post.js';

let isWatching = false;

export function watchPage(): void {
  if (isWatching) return;
  isWatching = true;
  addEventListener('error', onError);
  addEventListener('unhandledrejection', onRejection);
  addEventListener('pagehide', onHide);
  addEventListener('online', onOnline);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') onHide();
  });
  watchFetch();
}

function onError(event: ErrorEvent): void {
  const { error, message, filename, lineno } = event;
  // An image or a script that did not load has no message.
  if (!message) return;
  const place = filename && lineno ? { file: relative(filename, ''), line: lineno } : undefined;
  state.client?.capture(error ?? message, { level: 'error', isUncaught: true, place });
}

function onRejection({ reason }: PromiseRejectionEvent): void {
  state.client?.capture(reason, { level: 'error', isUncaught: true });
}

function onHide(): void {
  const { client } = state;
  if (client?.isEnabled) sendBeacons(client.settings, client.outbox);
}

export function onOnline(): void {
  const { client } = state;
  if (client?.isEnabled) client.outbox.restore(takeKept());
}

export const onLost = keep;

/** Requests to the page's own server carry an id; a failed one is found by it. */
function watchFetch(): void {
  const before = globalThis.fetch;
  if (typeof before !== 'function') return;
  globalThis.fetch = function fetch(input: RequestInfo | URL, init?: RequestInit) {
    let id: string | undefined;
    let request: [RequestInfo | URL, RequestInit?] = [input, init];
    const isRequest = typeof input === 'object' && input !== null && 'url' in input;
    let url = '';
    try {
      url = isRequest ? input.url : String(input);
      if (state.client?.isEnabled && isPropagated(url)) {
        const headers = new Headers(init?.headers ?? (isRequest ? input.headers : undefined));
        id = headers.get(HEADER) ?? state.client.platform.newId();
        headers.set(HEADER, id);
        request = [input, { ...init, headers }];
      }
    } catch {
      // The request goes out as it is.
    }
    const answer = before.apply(globalThis, request as Parameters<typeof before>);
    if (!id || typeof answer?.then !== 'function') return answer;
    const method = init?.method ?? (isRequest ? input.method : 'GET');
    // Handed on, not looked at beside: that would count as caught, and nobody heard of the rest.
    return answer.then(undefined, (error: unknown) => {
      if (typeof error === 'object' && error) {
        state.about.set(error, { request_id: id, url, method });
      }
      throw error;
    });
  };
}
