/** What events are looked for by: one kind at a time is tried, until something is found. Pure. */
import { addressOf } from './address';

export const KINDS = ['request_id', 'user_id', 'trace_id', 'q'] as const;
export type Kind = (typeof KINDS)[number];

/** The kind that a search which found nothing was about: the last one typed, or the only one. */
export function triedKind(query: URLSearchParams, last: Kind | ''): Kind | '' {
  const given = KINDS.filter((kind) => query.get(kind));
  if (last && given.includes(last)) return last;
  return given.length === 1 ? (given[0] ?? '') : '';
}

/** The search with one more value; what was tried in vain makes room for it. */
export function searchAddress(
  query: URLSearchParams,
  missed: Kind | '',
  kind: Kind,
  value: string,
): string {
  const rest: Record<string, string | null> = Object.fromEntries(query);
  if (missed) rest[missed] = null;
  return addressOf('/events', { ...rest, [kind]: value });
}
