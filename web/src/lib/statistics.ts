/** Reports of a time compared with as long a time before it. Pure. */
import type { Bar, Mark } from './chart';
import { compared, growth, sum, totals, type Compared } from './series';
import type { Issue, Stats } from './types';

const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Days of each choice. */
export const RANGES = { '24h': 1, '7d': 7, '30d': 30 } as const;
export type Range = keyof typeof RANGES;

export function readRange(search: URLSearchParams): Range {
  const wanted = search.get('range');
  return wanted === '24h' || wanted === '30d' ? wanted : '7d';
}

export interface Span {
  /** The end of the present hour: counts are kept by whole hours. */
  until: number;
  since: number;
  before: number;
}

export function spanOf(range: Range, now: number): Span {
  const until = Math.ceil(now / HOUR_MS) * HOUR_MS;
  const since = until - RANGES[range] * DAY_MS;
  return { until, since, before: since - RANGES[range] * DAY_MS };
}

/** The zone in which a day ends when the span does, so that its days are whole ones. */
export function zoneOf(until: number): number {
  const minutes = (24 - new Date(until).getUTCHours()) * 60;
  return minutes > 840 ? minutes - 1440 : minutes;
}

/** What is asked of `GET /stats` for a span and the one before it. */
export function statsQuery(
  span: Span,
  filter: Record<string, string>,
  by: Record<string, string>,
): Record<string, string> {
  const days = (span.until - span.since) / DAY_MS;
  return {
    ...filter,
    since: new Date(span.before).toISOString(),
    until: new Date(span.until).toISOString(),
    ...(days > 1 ? { interval: 'day', tz_offset_minutes: String(zoneOf(span.until)) } : {}),
    ...by,
  };
}

export interface Row extends Compared {
  key: string;
  /** Whose key it is, where several projects stand in one list. */
  project?: string;
}

const mostFirst = (a: Row, b: Row) => b.now - a.now || b.before - a.before;

/** One row a series, those with the most reports first; none for what has none in either time. */
export function rowsOf(stats: Stats): Row[] {
  const steps = stats.times.length / 2;
  return stats.series
    .map(({ key, counts }) => ({ key, ...compared(counts, steps) }))
    .filter(({ now, before }) => now > 0 || before > 0)
    .toSorted(mostFirst);
}

/** Rows of several projects in one list: "1.2" of one has nothing to do with that of another. */
export function rowsOfProjects(read: readonly { project: string; stats: Stats }[]): Row[] {
  return read
    .flatMap(({ project, stats }) => rowsOf(stats).map((row) => ({ ...row, project })))
    .toSorted(mostFirst);
}

/** The same of types, by the issues with the most reports in either time. */
export function typesOf(now: readonly Issue[], before: readonly Issue[]): Row[] {
  const rows = new Map<string, Row>();
  const add = (issues: readonly Issue[], member: 'now' | 'before') => {
    for (const { type, count } of issues) {
      const row = rows.get(type) ?? { key: type, now: 0, before: 0 };
      rows.set(type, { ...row, [member]: row[member] + count });
    }
  };
  add(now, 'now');
  add(before, 'before');
  return [...rows.values()]
    .filter((row) => row.now > 0)
    .toSorted(mostFirst);
}

/** The last so many hours that have begun: those still to come say nothing. */
export function begunHours<Hour extends { at: string }>(
  hours: readonly Hour[],
  most: number,
  now: number,
): Hour[] {
  return hours.filter(({ at }) => Date.parse(at) <= now).slice(-most);
}

/** Reports by weekday and hour of the reader's own zone; the week begins on Monday. */
export function heatOf(hours: readonly Bar[]): number[][] {
  const week = Array.from({ length: 7 }, () => Array.from({ length: 24 }, () => 0));
  for (const { at, count } of hours) {
    const date = new Date(at);
    const day = week[(date.getDay() + 6) % 7];
    if (day) day[date.getHours()] = (day[date.getHours()] ?? 0) + count;
  }
  return week;
}

/** A version with less than this of all reports runs on somebody's desk. */
const STRAY_SHARE = 0.01;

/** Versions whose first report of all the time asked for lies in it: about when they came out. */
export function versionMarks(stats: Stats, most: number): Mark[] {
  const all = sum(totals(stats));
  return stats.series
    .flatMap(({ key, counts }) => {
      const first = counts.findIndex((count) => count > 0);
      const at = Date.parse(stats.times[first] ?? '');
      // What has reports from the beginning on came out before it; a handful are strays.
      const enough = sum(counts) >= Math.max(5, all * STRAY_SHARE);
      return first > 0 && enough ? [{ at, label: key, isName: true }] : [];
    })
    .toSorted((a, b) => b.at - a.at)
    .slice(0, most);
}

export interface Group {
  name: string;
  rows: readonly Row[];
}

/** A cell that a spreadsheet neither splits nor runs as a formula. */
function cell(value: string | number): string {
  if (typeof value === 'number') return Number.isNaN(value) ? '' : String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** Everything that the page shows as comma-separated values (RFC 4180). */
export function csvOf(
  span: Span,
  groups: readonly Group[],
  hours: readonly { at: string; count: number }[],
): string {
  const [since, until] = [span.since, span.until].map((at) => new Date(at).toISOString());
  const lines: (string | number)[][] = [
    ['by', 'key', 'since', 'until', 'reports', 'reports_before', 'change'],
  ];
  for (const { name, rows } of groups) {
    for (const row of rows) {
      const change = growth(row);
      lines.push([
        name,
        row.project ? `${row.project} ${row.key}` : row.key,
        since ?? '',
        until ?? '',
        row.now,
        row.before,
        change === null ? '' : Math.round(change * 1000) / 1000,
      ]);
    }
  }
  for (const { at, count } of hours) {
    const end = new Date(Date.parse(at) + HOUR_MS).toISOString();
    lines.push(['hour', at, at, end, count, '', '']);
  }
  return lines.map((line) => line.map(cell).join(',')).join('\r\n') + '\r\n';
}
