/** Events as they arrive, newest first. Pure. */
import type { EventSummary } from './types';

/** Rows that are kept; what is older is found on the page of events. */
export const ROWS_MAX = 500;
/** Events of one answer. */
export const PAGE_EVENTS = 100;

export interface Tail {
  /** What is shown. */
  rows: EventSummary[];
  /** What came while it was paused, or while the reader was further down. */
  held: EventSummary[];
  /** Events behind which some were left out: more came at once than one answer holds. */
  gaps: string[];
}

export const NOTHING: Tail = { rows: [], held: [], gaps: [] };

/** The answer taken in; `hold` leaves the rows as they are. */
export function taken(tail: Tail, page: readonly EventSummary[], hold: boolean): Tail {
  const known = new Set([...tail.rows, ...tail.held].map((event) => event.event_id));
  const fresh = page.filter((event) => !known.has(event.event_id));
  const last = fresh.at(-1);
  const isGap = known.size > 0 && last !== undefined && fresh.length === page.length;
  const gaps = isGap ? [...tail.gaps, last.event_id] : tail.gaps;
  const held = [...fresh, ...tail.held].slice(0, ROWS_MAX);
  return hold ? { rows: tail.rows, held, gaps } : shown({ rows: tail.rows, held, gaps });
}

/** Everything that was held back is shown. */
export function shown({ rows, held, gaps }: Tail): Tail {
  const all = [...held, ...rows].slice(0, ROWS_MAX);
  const ids = new Set(all.map((event) => event.event_id));
  return { rows: all, held: [], gaps: gaps.filter((id) => ids.has(id)) };
}

/** How many came in the last minute, of those that are known. */
export function perMinute({ rows, held }: Tail, now: number): number {
  const since = now - 60_000;
  return [...held, ...rows].filter((event) => Date.parse(event.received_at) > since).length;
}

export interface TailFilter {
  project: string;
  environment: string;
  /** Levels with commas, or none for all. */
  level: string;
  q: string;
}

export function readTail(search: URLSearchParams): TailFilter {
  const of = (name: string) => search.get(name) ?? '';
  const level = of('level');
  return { project: of('project_id'), environment: of('environment'), level, q: of('q') };
}

/** What is asked of `GET /events`, whose language knows levels. */
export function tailQuery({ project, environment, level, q }: TailFilter): URLSearchParams {
  const query = new URLSearchParams({ limit: String(PAGE_EVENTS) });
  if (project) query.set('project_id', project);
  if (environment) query.set('environment', environment);
  const words = [level ? `level:${level}` : '', q.trim()].filter(Boolean).join(' ');
  if (words) query.set('q', words);
  return query;
}
