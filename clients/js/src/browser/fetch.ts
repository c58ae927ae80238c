// The requests of a page. Those to its own server carry an id; of one that failed it is known how
// it looked. The package and the file for pages both watch with it, and the caller notices nothing.

import { HEADER } from '../outgoing.js';
import type { Context } from '../types.js';

/** How a request looked. */
interface Asked extends Context {
  info: Context;
}
interface Rules {
  newId: () => string;
  isPropagated: (url: string) => boolean;
  /** Where a failure is noted: by the error that it ended with, or by its answer. */
  about: WeakMap<object, Context>;
  onThrown?: (error: unknown) => void;
}

/** An error this much later may well come from a failed request. */
const NEAR_MS = 2_000;

let failures: { asked: Asked; at: number }[] = [];

const newest = (): typeof failures =>
  (failures = failures.filter(({ at }) => Date.now() - at < NEAR_MS));

/** The request that failed just now, if one did and no other: nobody knows more in a page. */
export function guess(): Context | undefined {
  const [one, ...others] = newest();
  if (!one || others.length) return undefined;
  return { ...one.asked, info: { ...one.asked.info, guess: true } };
}

export function watchFetch({ newId, isPropagated, about, onThrown }: Rules): void {
  const before = globalThis.fetch;
  if (typeof before !== 'function') return;
  const failed = (asked: Asked, by: unknown, isGivenUp?: boolean): void => {
    if (typeof by === 'object' && by) about.set(by, asked);
    if (!isGivenUp) newest().push({ asked, at: Date.now() });
  };
  globalThis.fetch = function fetch(input: RequestInfo | URL, init?: RequestInit) {
    const asked: Asked = { info: {} };
    let signal: AbortSignal | null | undefined;
    try {
      // Of a text or an address, all is absent.
      const given = input as Request;
      const { url = String(input), method = 'GET' } = given;
      signal = init?.signal ?? given.signal;
      asked.info = { method: (init?.method ?? method).toUpperCase(), url };
      if (isPropagated(url)) {
        const headers = new Headers(init?.headers ?? given.headers);
        asked.request_id = headers.get(HEADER) ?? newId();
        headers.set(HEADER, asked.request_id);
        init = { ...init, headers };
      }
    } catch {
      // The request goes out as it is.
    }
    const answer = before.call(globalThis, input, init);
    if (typeof answer?.then !== 'function') return answer;
    // Handed on, not looked at beside: that would count as caught, and nobody heard of the rest.
    return answer.then(
      (response) => {
        if (response?.status >= 500) {
          failed({ ...asked, info: { ...asked.info, status: response.status } }, response);
        }
        return response;
      },
      (error) => {
        failed(asked, error, signal?.aborted && error?.name !== 'TimeoutError');
        onThrown?.(error);
        throw error;
      },
    );
  };
}
