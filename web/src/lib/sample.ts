/** How the newest events of an issue divide, by what is not counted by the server. Pure. */
import type { EventSummary, Slice } from './types';

/** Events that are looked at: one page, at most. */
export const SAMPLE_MAX = 200;

/** The most specific first: each of the later ones also stands in an earlier one's name. */
export const BROWSERS = [
  { name: 'Edge', mark: 'Edg/' },
  { name: 'Opera', mark: 'OPR/' },
  { name: 'Firefox', mark: 'Firefox/' },
  { name: 'Chrome', mark: 'Chrome/' },
  { name: 'Safari', mark: 'Safari/' },
] as const;

export function slicesOf(
  events: readonly EventSummary[],
  keyOf: (event: EventSummary) => string | null,
): Slice[] {
  const slices = new Map<string, Slice>();
  for (const event of events) {
    const key = keyOf(event);
    if (key === null) continue;
    const slice = slices.get(key) ?? { key, count: 0, last_seen: event.timestamp };
    slice.count += 1;
    if (event.timestamp > slice.last_seen) slice.last_seen = event.timestamp;
    slices.set(key, slice);
  }
  return [...slices.values()].sort((a, b) => b.count - a.count);
}

/** Each event's browser, out of which events have which mark: the first that has it. */
export function browserOf(found: readonly ReadonlySet<string>[], eventId: string): string | null {
  const at = found.findIndex((ids) => ids.has(eventId));
  return BROWSERS[at]?.name ?? null;
}
