/** What the list's chart counts: as much of the filter as the statistics can heed. Pure. */
import { isOpenOnly, type Filters } from './filters';
import { LEVELS } from './types';

export interface Basis {
  by: 'level' | 'version' | 'status';
  /** The series to draw, from the foot upwards; null for all. */
  keys: readonly string[] | null;
  /** Parts of the filter that the chart does not heed, by the keys of their words. */
  unheeded: ('q' | 'status' | 'level' | 'type' | 'code' | 'assignee' | 'fingerprint')[];
}

export function basisOf(filters: Filters): Basis {
  const { extras, levels, status } = filters;
  const unheeded: Basis['unheeded'] = [];
  if (filters.q.trim()) unheeded.push('q');
  for (const name of ['type', 'code', 'assignee', 'fingerprint'] as const) {
    if (extras[name]) unheeded.push(name);
  }
  // One of these can divide the counts; the narrowest that was asked for does.
  const byVersion = extras.version !== undefined;
  const byStatus = !byVersion && levels.length === 0 && Array.isArray(status);
  if (isOpenOnly(filters) || (Array.isArray(status) && !byStatus)) unheeded.push('status');
  if (levels.length > 0 && byVersion) unheeded.push('level');
  if (byVersion) return { by: 'version', keys: extras.version?.split(',') ?? null, unheeded };
  if (byStatus) return { by: 'status', keys: status, unheeded };
  const shown = LEVELS.filter((level) => levels.length === 0 || levels.includes(level));
  return { by: 'level', keys: shown, unheeded };
}
