/** Since when the first page shows: what happened while the reader was away. Pure. */
import type { Looked } from './prefs.svelte';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Who comes back sooner goes on with the same visit: a reload must not empty the page. */
const AWAY_MS = 30 * MINUTE_MS;
/** Nobody catches up with more than this. */
const SINCE_MS_MAX = 14 * DAY_MS;

/** The visit that begins or goes on now. */
export function visitNow(looked: Looked | null, now: number): Looked {
  // A clock that was set back leaves a time ahead of it.
  if (!looked || looked.at > now) {
    return { since: now - DAY_MS, at: now, seen: [], first: true };
  }
  if (now - looked.at <= AWAY_MS) {
    return { ...looked, since: Math.max(looked.since, now - SINCE_MS_MAX), at: now };
  }
  return { since: Math.max(looked.at, now - SINCE_MS_MAX), at: now, seen: [] };
}

/** Everything was seen: what is shown begins here, and without these although they go on. */
export function seenAll(now: number, seen: number[]): Looked {
  return { since: now, at: now, seen };
}

export const LOOKS = ['last', '24h', '7d'] as const;
export type Look = (typeof LOOKS)[number];

export function readLook(search: URLSearchParams): Look {
  return LOOKS.find((look) => look === search.get('look')) ?? 'last';
}

export function sinceOf(look: Look, looked: Looked, now: number): number {
  if (look === 'last') return looked.since;
  return now - (look === '24h' ? 1 : 7) * DAY_MS;
}
