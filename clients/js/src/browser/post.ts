// The way to Log Center from a page. As `text/plain`, so that no browser asks for permission first.

import type { Item, Outbox, Post } from '../outbox.js';
import type { Settings } from '../settle.js';

/** What browsers let fly on after the page has gone, of all requests together. */
const KEEPALIVE_BYTES_MAX = 60_000;
const KEPT = 'log-center';
const KEPT_REPORTS_MAX = 20;
const KEPT_CHARACTERS_MAX = 200_000;

export function addressOf({ url, key }: Settings, isBatch: boolean): string {
  const path = `/api/v1/logs/report${isBatch ? '/batch' : ''}`;
  // A beacon has no headers, so the key travels here.
  return url + path + (key ? `?key=${encodeURIComponent(key)}` : '');
}

/** UTF-8 has three bytes at most for each of a text's units. */
const isSmall = (body: string): boolean =>
  body.length * 3 <= KEEPALIVE_BYTES_MAX || new Blob([body]).size <= KEEPALIVE_BYTES_MAX;

// Taken once: ours wraps the page's, and reports are no requests of the page.
const ownFetch = typeof fetch === 'function' ? fetch.bind(globalThis) : undefined;

export const posting =
  (settings: Settings): Post =>
  async (body, isBatch) => {
    if (!ownFetch) throw new Error('no fetch');
    const ending = new AbortController();
    const timer = setTimeout(() => ending.abort(), settings.timeout);
    try {
      const answer = await ownFetch(addressOf(settings, isBatch), {
        method: 'POST',
        headers: { 'content-type': 'text/plain;charset=UTF-8' },
        body,
        credentials: 'omit',
        keepalive: isSmall(body),
        signal: ending.signal,
      });
      return { status: answer.status, retryAfter: answer.headers.get('retry-after') };
    } finally {
      clearTimeout(timer);
    }
  };

/** The page goes: what waits leaves as beacons; what does not fit stays for the next page. */
export function sendBeacons(settings: Settings, outbox: Outbox): void {
  const items = outbox.take();
  const beacon = (body: string): boolean => {
    try {
      return isSmall(body) && navigator.sendBeacon(addressOf(settings, false), body);
    } catch {
      return false;
    }
  };
  keep(items.filter(({ body }) => !beacon(body)));
}

/** For the next page, or for when the network is back. */
export function keep(items: readonly Item[]): void {
  if (!items.length) return;
  try {
    const all = [...kept(), ...items.map((one) => one.body)].slice(-KEPT_REPORTS_MAX);
    while (all.length && all.join('').length > KEPT_CHARACTERS_MAX) all.shift();
    localStorage.setItem(KEPT, JSON.stringify(all));
  } catch {
    // Storage is full, or forbidden.
  }
}

function kept(): string[] {
  try {
    const all: unknown = JSON.parse(localStorage.getItem(KEPT) ?? '[]');
    return Array.isArray(all) ? all.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

export function takeKept(): string[] {
  const all = kept();
  try {
    if (all.length) localStorage.removeItem(KEPT);
  } catch {
    // Then it is sent once more, with the same event_id, and counts once.
  }
  return all;
}
