/** What an operator should know at once, the worst first. Pure. */
import type { Values } from './phrase';
import type { System } from './types';

/** Reasons for which reports are not stored at all. */
const STOPPED = ['disk_full', 'disk_unwritable', 'file_full', 'importing', 'stopping'] as const;
/** Reasons for which some callers are turned away, those that somebody can do something about. */
const TURNED_AWAY = [
  'queue_full',
  'memory',
  'project_rate',
  'address_rate',
  'connections',
  'address_connections',
  'projects',
] as const;

export type NoticeKind =
  | (typeof STOPPED)[number]
  | (typeof TURNED_AWAY)[number]
  | 'error'
  | 'disk_low'
  | 'queue_filling'
  | 'removed_for_size';

export interface Notice {
  kind: NoticeKind;
  /** Whether reports are lost. */
  bad: boolean;
  /** Whether it may be put aside for a day: only what needs nobody at once. */
  dismissable: boolean;
  values: Values;
}

/** How long something that happened is news. */
const NEWS_MS = 2 * 60_000;
const DAY_MS = 24 * 3_600_000;
/** Free bytes, in floors, below which the disk is worth a look. */
const FLOORS = 4;
const QUEUE_SHARE = 0.8;

function limitOf(system: System, kind: NoticeKind): number {
  if (kind === 'address_rate') return system.limits.rate_per_address ?? 0;
  if (kind === 'project_rate') return system.limits.rate_per_project ?? 0;
  if (kind === 'address_connections') return system.limits.connections_per_address ?? 0;
  return kind === 'connections' ? system.connections.open_max : 0;
}

/** `size` writes bytes; `dismissed` says when each notice was put aside. */
export function noticesOf(
  system: System,
  size: (bytes: number) => string,
  dismissed: Readonly<Record<string, number>>,
): Notice[] {
  const now = Date.parse(system.at);
  const isNews = (at: string | null | undefined, for_ms = NEWS_MS) =>
    !!at && now - Date.parse(at) < for_ms;
  const { free_bytes: free, floor_bytes: floor } = system.disk;
  const room = { free: size(free), floor: size(floor) };
  const notices: Notice[] = [];
  const add = (kind: NoticeKind, how: 'bad' | 'warn' | 'aside', values: Values = {}) => {
    const dismissable = how === 'aside';
    if (dismissable && now - (dismissed[kind] ?? -Infinity) < DAY_MS) return;
    notices.push({ kind, bad: how === 'bad', dismissable, values });
  };
  const stopped = STOPPED.find((reason) => reason === system.storing.reason);
  if (stopped) add(stopped, 'bad', room);
  for (const kind of TURNED_AWAY) {
    const found = system.refused.by_reason.find((one) => one.reason === kind);
    if (isNews(found?.last_at)) add(kind, 'bad', { n: limitOf(system, kind) });
  }
  if (isNews(system.last_error?.at)) {
    add('error', 'warn', { id: system.last_error?.request_id ?? '–' });
  }
  const { queue } = system;
  const filled = Math.max(queue.reports / queue.reports_max, queue.bytes / queue.bytes_max);
  if (filled >= QUEUE_SHARE) add('queue_filling', 'warn');
  // A disk that nobody has looked at yet has no floor.
  if (stopped !== 'disk_full' && free < floor * FLOORS) add('disk_low', 'aside', room);
  if (isNews(system.removed.for_size_at, DAY_MS)) add('removed_for_size', 'aside');
  return notices;
}
