/** Spans of time: the last so many hours or days, or between two times. Pure. */
import type { Stats } from './types';

export const RANGES = ['1h', '24h', '7d', '14d', '30d', '90d'] as const;
export type Range = (typeof RANGES)[number];

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Further apart than this, days are enough. */
const HOURLY_MAX_MS = 31 * DAY_MS;
/** Bars of a chart at most: thinner ones cannot be hit. */
const BARS_MAX = 112;
/** Widths of a bar in hours. */
const WIDTHS = [1, 2, 3, 4, 6, 8, 12, 24] as const;

export function isRange(text: string): text is Range {
  return (RANGES as readonly string[]).includes(text);
}

/** Whether it is told in hours or days, and how many. */
export function rangeParts(range: Range): { n: number; unit: 'hour' | 'day' } {
  return { n: Number.parseInt(range, 10), unit: range.endsWith('h') ? 'hour' : 'day' };
}

/** Where a range begins. To the hour, so that the same filter is the same question for a while. */
export function rangeSince(range: Range, now: number): string {
  const { n, unit } = rangeParts(range);
  const at = now - n * (unit === 'hour' ? HOUR_MS : DAY_MS);
  return new Date(Math.floor(at / HOUR_MS) * HOUR_MS).toISOString();
}

/** A whole day by the reader's clock: 0 is today, 1 yesterday. */
export function daySpan(daysAgo: number, now: number): { since: string; until: string } {
  const day = new Date(now);
  // The calendar, not 24 hours: a day may have 23 or 25.
  const midnight = (ago: number) =>
    new Date(day.getFullYear(), day.getMonth(), day.getDate() - ago).toISOString();
  return { since: midnight(daysAgo), until: midnight(daysAgo - 1) };
}

/** Hours of a row's trend; the last one is the present. */
export const TREND_HOURS = 24;

/**
 * The part of a trend that lies in the time of the filter, as places in it. The server counts
 * nothing outside of it: there is nothing to draw, and the heading names what is.
 */
export function trendPart(
  filter: { range: Range | ''; since?: string; until?: string },
  now: number,
): { from: number; to: number; begin: number; end: number } {
  const first = Math.floor(now / HOUR_MS) - (TREND_HOURS - 1);
  const place = (at: number, otherwise: number) =>
    Number.isNaN(at) ? otherwise : Math.max(0, Math.min(TREND_HOURS, at - first));
  const since = filter.range ? rangeSince(filter.range, now) : (filter.since ?? '');
  const from = place(Math.floor(Date.parse(since) / HOUR_MS), 0);
  const to = place(Math.ceil(Date.parse(filter.until ?? '') / HOUR_MS), TREND_HOURS);
  return { from, to, begin: (first + from) * HOUR_MS, end: (first + to) * HOUR_MS };
}

export interface Span {
  since: number;
  until: number;
}

/** What a chart shows: what is filtered by, else the last 14 days. */
export function chartSpan(
  filter: { range: Range | ''; since?: string; until?: string },
  now: number,
): Span {
  const end = Math.ceil(now / HOUR_MS) * HOUR_MS;
  const until = filter.until ? Date.parse(filter.until) : end;
  const given = filter.range ? rangeSince(filter.range, now) : filter.since;
  const since = given ? Date.parse(given) : until - 14 * DAY_MS;
  if (Number.isNaN(since) || Number.isNaN(until) || since >= until) {
    return { since: end - 14 * DAY_MS, until: end };
  }
  return { since, until };
}

export function intervalOf(span: Span): 'hour' | 'day' {
  return span.until - span.since <= HOURLY_MAX_MS ? 'hour' : 'day';
}

/** One bar: its time, and the counts of each series from the foot upwards. */
export interface Stack {
  from: number;
  until: number;
  counts: number[];
}

/** The series gathered into at most so many bars that a finger can hit them. */
export function stacksOf(stats: Stats, keys: readonly string[]): Stack[] {
  const step = stats.interval === 'hour' ? HOUR_MS : DAY_MS;
  const points = stats.times.length;
  const wanted = WIDTHS.find((width) => points / width <= BARS_MAX) ?? Math.ceil(points / BARS_MAX);
  const width = stats.interval === 'hour' ? wanted : Math.ceil(points / BARS_MAX);
  const series = keys.map((key) => stats.series.find((one) => one.key === key)?.counts ?? []);
  const stacks: Stack[] = [];
  for (let at = 0; at < points; at += width) {
    const last = Math.min(points, at + width) - 1;
    stacks.push({
      from: Date.parse(stats.times[at] as string),
      until: Date.parse(stats.times[last] as string) + step,
      counts: series.map((counts) => counts.slice(at, last + 1).reduce((sum, n) => sum + n, 0)),
    });
  }
  return stacks;
}

export function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

/** How many times higher than nearly all others a bar has to be, so that it is cut off. */
const OUTLIER = 5;

/**
 * The count that fills the height. One storm must not flatten two weeks: bars that stand out far
 * above nearly all others are cut off, and drawn so.
 */
export function scaleTop(totals: readonly number[]): number {
  const top = Math.max(1, ...totals);
  const some = totals.filter((total) => total > 0).sort((a, b) => a - b);
  const usual = some[Math.floor(some.length * 0.94)] ?? top;
  return some.length >= 12 && top > usual * OUTLIER ? usual * 2 : top;
}
