/** The figures of the page of statistics, all of one time and one filter. */
import { api } from './api';
import {
  DAY_MS,
  heatOf,
  rowsOf,
  rowsOfProjects,
  spanOf,
  statsQuery,
  typesOf,
  begunHours,
} from './statistics';
import type { Range, Row, Span } from './statistics';
import { compared, totals, type Compared } from './series';
import type { Deploy, Issue, Stats } from './types';

/** Issues whose types are counted: those with the most reports. */
export const TYPES_ISSUES_MAX = 200;
/** Projects whose versions are read while none is chosen: one question each. */
export const VERSIONS_PROJECTS_MAX = 8;
/** With less than this before, there is nothing to compare with. */
const YOUNG_SHARE = 0.02;
/** Days whose hours make the picture of the week, at least. */
const HEAT_DAYS_MIN = 7;

export const SPLITS = ['project', 'version', 'environment', 'level'] as const;
export type Split = (typeof SPLITS)[number];

export interface Figures {
  range: Range;
  span: Span;
  total: Compared;
  hours: { at: string; count: number }[];
  heat: number[][];
  splits: Record<Split, Row[]>;
  types: Row[];
  versions: Stats;
  /** Of the time that is shown, and of the one before it. */
  deploys: Deploy[];
}

async function topIssues(filter: Record<string, string>, since: number, until: number) {
  const query = new URLSearchParams({
    ...filter,
    since: new Date(since).toISOString(),
    until: new Date(until).toISOString(),
    sort: 'count',
    limit: String(TYPES_ISSUES_MAX),
  });
  return (await api.issues(query)).items as readonly Issue[];
}

async function versionsOf(
  span: Span,
  filter: Record<string, string>,
  projects: readonly Row[],
): Promise<Row[]> {
  const read = projects.slice(0, VERSIONS_PROJECTS_MAX).map(async ({ key: project }) => {
    const asked = statsQuery(span, { ...filter, project_id: project }, { by: 'version' });
    return { project, stats: await api.stats(asked) };
  });
  return rowsOfProjects(await Promise.all(read));
}

export async function readFigures(
  range: Range,
  filter: Record<string, string>,
  now: number,
): Promise<Figures> {
  const span = spanOf(range, now);
  const heatSince = Math.min(span.before, span.until - HEAT_DAYS_MIN * DAY_MS);
  const hourly = {
    ...filter,
    interval: 'hour',
    since: new Date(heatSince).toISOString(),
    until: new Date(span.until).toISOString(),
  };
  const [all, deploys, typesNow, typesBefore, ...split] = await Promise.all([
    api.stats(hourly),
    api.deploys({ ...filter, since: new Date(span.before).toISOString() }),
    topIssues(filter, span.since, span.until),
    topIssues(filter, span.before, span.since),
    ...SPLITS.map((by) => api.stats(statsQuery(span, filter, { by }))),
  ]);
  const counts = totals(all);
  const steps = (span.until - span.since) / (DAY_MS / 24);
  const heatSteps = Math.max(steps, HEAT_DAYS_MIN * 24);
  const hours = all.times.map((at, index) => ({ at, count: counts[index] ?? 0 }));
  const total = compared(counts, steps);
  // Against the days before the first report everything would be new.
  const isYoung = total.before < total.now * YOUNG_SHARE;
  const told = (rows: Row[]) => (isYoung ? rows.map((row) => ({ ...row, before: NaN })) : rows);
  const splits = Object.fromEntries(
    SPLITS.map((by, index) => [by, rowsOf(split[index] as Stats)]),
  ) as Record<Split, Row[]>;
  if (!filter.project_id) splits.version = await versionsOf(span, filter, splits.project);
  for (const by of SPLITS) splits[by] = told(splits[by]);
  return {
    range,
    span,
    total: isYoung ? { ...total, before: NaN } : total,
    hours: hours.slice(-2 * steps),
    heat: heatOf(begunHours(hours, heatSteps, now)),
    splits,
    types: told(typesOf(typesNow, typesBefore)),
    deploys: deploys.items,
    versions: split[SPLITS.indexOf('version')] as Stats,
  };
}
