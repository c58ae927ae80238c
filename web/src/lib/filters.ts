/** The filter of the issues list: read from the address, written to it, and asked of the server. */
import { termsOf } from './query';
import { isRange, rangeSince, type Range } from './range';
import { OPEN } from './status';
import { LEVELS, SORTS, STATUSES, type Level, type Sort, type Status } from './types';

/** Filters that have no control of their own; a link may carry them, and a chip removes them. */
export const EXTRAS = [
  'type',
  'code',
  'version',
  'assignee',
  'fingerprint',
  'since',
  'until',
] as const;
export type Extra = (typeof EXTRAS)[number];

export interface Filters {
  q: string;
  project: string;
  environment: string;
  /** `open` is the group of statuses in which there is something to do. */
  status: 'open' | 'all' | Status[];
  levels: Level[];
  sort: Sort;
  /** Up to now; `since` and `until` among the extras are fixed times instead. */
  range: Range | '';
  extras: Partial<Record<Extra, string>>;
}

export const PAGE_ISSUES = 50;

function listed<T extends string>(text: string | null, known: readonly T[]): T[] {
  const wanted = (text ?? '').split(',');
  return known.filter((value) => wanted.includes(value));
}

export function readFilters(search: URLSearchParams): Filters {
  const statusText = search.get('status');
  const statuses = listed(statusText, STATUSES);
  const sort = SORTS.find((name) => name === search.get('sort')) ?? 'last_seen';
  const extras: Filters['extras'] = {};
  for (const name of EXTRAS) {
    const value = search.get(name);
    if (value) extras[name] = value;
  }
  const range = search.get('range') ?? '';
  const fixed = extras.since !== undefined || extras.until !== undefined;
  return {
    q: search.get('q') ?? '',
    project: search.get('project_id') ?? '',
    environment: search.get('environment') ?? '',
    status: statusText === 'all' ? 'all' : statuses.length > 0 ? statuses : 'open',
    levels: listed(search.get('level'), LEVELS),
    sort,
    range: isRange(range) && !fixed ? range : '',
    extras,
  };
}

/** The address's query; what is the default stays out, so that links are short. */
export function writeFilters(filters: Filters): string {
  const params = new URLSearchParams();
  if (filters.q.trim()) params.set('q', filters.q.trim());
  if (filters.project) params.set('project_id', filters.project);
  if (filters.environment) params.set('environment', filters.environment);
  if (filters.status === 'all') params.set('status', 'all');
  else if (filters.status !== 'open') params.set('status', filters.status.join(','));
  if (filters.levels.length > 0) params.set('level', filters.levels.join(','));
  for (const name of EXTRAS) {
    const value = filters.extras[name];
    if (value) params.set(name, value);
  }
  if (filters.range) params.set('range', filters.range);
  if (filters.sort !== 'last_seen') params.set('sort', filters.sort);
  return params.toString();
}

/** Whether the list is of the open ones: a query that names a status itself is not narrowed. */
export function isOpenOnly({ status, q }: Filters): boolean {
  return status === 'open' && !/(^|\s)[!-]?status:/i.test(q);
}

/** Keys of the search that narrow what is counted of an issue. */
const SLICES = ['env', 'version', 'level'] as const;

/** Whether an issue's counts are of a part of its reports. Its users are always of all of them. */
export function isSlice({ environment, levels, range, extras, q }: Filters): boolean {
  const { version, since, until } = extras;
  const named = termsOf(q).some(({ key }) => SLICES.some((one) => one === key));
  return Boolean(environment || levels.length > 0 || range || version || since || until || named);
}

/** The same filter in the words of `GET /issues`; a range ends at `now`. */
export function issuesQuery(
  filters: Filters,
  cursor: string | null,
  limit = PAGE_ISSUES,
  now = Date.now(),
): URLSearchParams {
  const params = new URLSearchParams(writeFilters(filters));
  params.delete('range');
  if (filters.range) params.set('since', rangeSince(filters.range, now));
  if (isOpenOnly(filters)) params.set('status', OPEN.join(','));
  else if (filters.status === 'all') params.delete('status');
  params.set('limit', String(limit));
  if (cursor) params.set('cursor', cursor);
  return params;
}

/** Whether anything but the open group and the project narrows the list. */
export function isNarrowed(filters: Filters): boolean {
  return (
    filters.q.trim() !== '' ||
    filters.environment !== '' ||
    filters.status !== 'open' ||
    filters.levels.length > 0 ||
    filters.range !== '' ||
    Object.keys(filters.extras).length > 0
  );
}

/** Adds a status to the chosen ones or takes it away; none left means the open group again. */
export function toggledStatus(status: Filters['status'], one: Status): Filters['status'] {
  const chosen = Array.isArray(status) ? status : [];
  const next = STATUSES.filter((name) =>
    name === one ? !chosen.includes(name) : chosen.includes(name),
  );
  return next.length > 0 ? next : 'open';
}
