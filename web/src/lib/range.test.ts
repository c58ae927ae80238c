import { expect, test } from 'vitest';
import { issuesQuery, readFilters, writeFilters } from './filters';
import {
  chartSpan,
  daySpan,
  intervalOf,
  isRange,
  rangeParts,
  rangeSince,
  scaleTop,
  stacksOf,
  trendPart,
} from './range';

const NOW = Date.parse('2026-03-10T12:34:56Z');
const read = (query: string) => readFilters(new URLSearchParams(query));

test('a range begins at a whole hour', () => {
  expect(rangeSince('24h', NOW)).toBe('2026-03-09T12:00:00.000Z');
  expect(rangeSince('7d', NOW)).toBe('2026-03-03T12:00:00.000Z');
  expect(rangeParts('90d')).toEqual({ n: 90, unit: 'day' });
  expect(isRange('5m')).toBe(false);
});

test('a range is written as such and asked for as a time', () => {
  expect(writeFilters(read('range=24h'))).toBe('range=24h');
  expect(writeFilters(read('range=nonsense'))).toBe('');
  const query = issuesQuery(read('range=24h&status=all'), null, 50, NOW);
  expect(query.toString()).toBe('since=2026-03-09T12%3A00%3A00.000Z&limit=50');
});

test('yesterday goes from midnight to midnight of the reader', () => {
  const { since, until } = daySpan(1, NOW);
  expect([new Date(since), new Date(until)].map((date) => date.getHours())).toEqual([0, 0]);
  expect(daySpan(0, NOW).since).toBe(until);
  expect(Date.parse(since)).toBeLessThan(NOW - 12 * 3_600_000);
  expect(Date.parse(daySpan(0, NOW).until)).toBeGreaterThan(NOW);
});

test.each([
  [{ range: '' as const }, [0, 24]],
  [{ range: '7d' as const }, [0, 24]],
  [{ range: '24h' as const }, [0, 24]],
  [{ range: '1h' as const }, [22, 24]],
  [{ range: '' as const, since: '2026-03-10T00:00:00Z' }, [11, 24]],
  [{ range: '' as const, since: '2026-03-09T00:00Z', until: '2026-03-10T00:00Z' }, [0, 11]],
  [{ range: '' as const, until: '2026-03-10T00:30:00Z' }, [0, 12]],
  [{ range: '' as const, until: '2026-03-01T00:00:00Z' }, [0, 0]],
  [{ range: '' as const, since: 'nonsense' }, [0, 24]],
])('of a trend the hours of the time %j are drawn', (filter, [from, to]) => {
  const part = trendPart(filter, NOW);
  expect([part.from, part.to]).toEqual([from, to]);
});

test('the part of a trend says when it begins and ends', () => {
  const { begin, end } = trendPart({ range: '', until: '2026-03-10T00:00:00Z' }, NOW);
  expect([begin, end].map((at) => new Date(at).toISOString())).toEqual([
    '2026-03-09T13:00:00.000Z',
    '2026-03-10T00:00:00.000Z',
  ]);
});

test('fixed times go before a range', () => {
  expect(writeFilters(read('range=24h&since=2026-01-01'))).toBe('since=2026-01-01');
});

test.each([
  [{ range: '' as const }, '2026-02-24T13:00', '2026-03-10T13:00'],
  [{ range: '24h' as const }, '2026-03-09T12:00', '2026-03-10T13:00'],
  [
    { range: '' as const, since: '2026-03-01T00:00:00Z', until: '2026-03-02T00:00:00Z' },
    '2026-03-01T00:00',
    '2026-03-02T00:00',
  ],
  [{ range: '' as const, until: '2026-03-02T00:00:00Z' }, '2026-02-16T00:00', '2026-03-02T00:00'],
  [{ range: '' as const, since: 'yesterday' }, '2026-02-24T13:00', '2026-03-10T13:00'],
])('the chart of %j is of a span', (filter, since, until) => {
  const span = chartSpan(filter, NOW);
  expect(new Date(span.since).toISOString().slice(0, 16)).toBe(since);
  expect(new Date(span.until).toISOString().slice(0, 16)).toBe(until);
});

test('a month is told in hours, a quarter in days', () => {
  expect(intervalOf({ since: NOW - 30 * 86_400_000, until: NOW })).toBe('hour');
  expect(intervalOf({ since: NOW - 90 * 86_400_000, until: NOW })).toBe('day');
});

test('hours are gathered into bars that can be hit, and none is lost', () => {
  const times = Array.from({ length: 336 }, (_, n) => new Date(n * 3_600_000).toISOString());
  const ones = times.map(() => 1);
  const stats = { interval: 'hour' as const, times, series: [{ key: 'ERROR', counts: ones }] };
  const stacks = stacksOf(stats, ['ERROR', 'CRITICAL']);
  expect(stacks).toHaveLength(112);
  expect(stacks[0]).toEqual({ from: 0, until: 3 * 3_600_000, counts: [3, 0] });
  expect(stacks.at(-1)?.until).toBe(336 * 3_600_000);
  expect(stacks.reduce((total, stack) => total + (stack.counts[0] ?? 0), 0)).toBe(336);
  expect(stacksOf({ interval: 'day', times: [], series: [] }, [])).toEqual([]);
});

test('a storm is cut off, so that the rest can be seen', () => {
  const calm = Array.from({ length: 50 }, (_, n) => 10 + (n % 5));
  expect(scaleTop(calm)).toBe(14);
  expect(scaleTop([...calm, 9_000])).toBe(28);
  expect(scaleTop([1, 900])).toBe(900);
  expect(scaleTop([])).toBe(1);
});
