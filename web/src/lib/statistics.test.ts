import { expect, test } from 'vitest';
import {
  csvOf,
  heatOf,
  readRange,
  rowsOf,
  rowsOfProjects,
  spanOf,
  statsQuery,
  typesOf,
  versionMarks,
  begunHours,
  zoneOf,
} from './statistics';
import type { Issue, Stats } from './types';

const HOUR = 3_600_000;
const NOW = Date.parse('2026-11-29T14:20:00Z');
const times = [0, 1, 2, 3].map((hour) => new Date(hour * HOUR).toISOString());

test('a span ends with the present hour and is as long as the one before it', () => {
  const span = spanOf('7d', NOW);
  expect(new Date(span.until).toISOString()).toBe('2026-11-29T15:00:00.000Z');
  expect(span.until - span.since).toBe(span.since - span.before);
  expect(statsQuery(spanOf('24h', NOW), { project_id: 'a' }, { by: 'level' })).toEqual({
    project_id: 'a',
    since: '2026-11-27T15:00:00.000Z',
    until: '2026-11-29T15:00:00.000Z',
    by: 'level',
  });
  expect(statsQuery(span, {}, {})).toMatchObject({ interval: 'day', tz_offset_minutes: '540' });
});

test.each([
  ['00:00', 0],
  ['01:00', -60],
  ['09:00', -540],
  ['10:00', 840],
  ['23:00', 60],
])('a day that ends at %s is one of the zone %d', (time, minutes) => {
  expect(zoneOf(Date.parse(`2026-11-29T${time}:00Z`))).toBe(minutes);
});

test('the address says how long the time is', () => {
  expect(readRange(new URLSearchParams('range=30d'))).toBe('30d');
  expect(readRange(new URLSearchParams('range=toString'))).toBe('7d');
});

test('a row has both times, and the most reports come first', () => {
  const series = [
    { key: 'a', counts: [9, 0, 1, 0] },
    { key: 'none', counts: [0, 0, 0, 0] },
    { key: 'b', counts: [0, 0, 2, 3] },
  ];
  expect(rowsOf({ interval: 'hour', times, series } satisfies Stats)).toEqual([
    { key: 'b', now: 5, before: 0 },
    { key: 'a', now: 1, before: 9 },
  ]);
});

test('the same version of two projects is two rows', () => {
  const stats = (count: number): Stats => ({
    interval: 'hour',
    times,
    series: [{ key: '1.2', counts: [0, 0, count, 0] }],
  });
  const read = [{ project: 'a', stats: stats(2) }, { project: 'b', stats: stats(5) }];
  expect(rowsOfProjects(read)).toEqual([
    { key: '1.2', project: 'b', now: 5, before: 0 },
    { key: '1.2', project: 'a', now: 2, before: 0 },
  ]);
});

test('an hour that has not begun yet is no part of the week', () => {
  const hours = times.map((at, count) => ({ at, count }));
  const counts = (now: number) => begunHours(hours, 2, now).map(({ count }) => count);
  expect(counts(3 * HOUR - 1)).toEqual([1, 2]);
  expect(counts(3 * HOUR)).toEqual([2, 3]);
});

test('types add up over their issues', () => {
  const issue = (type: string, count: number) => ({ type, count }) as Issue;
  const now = [issue('A', 2), issue('B', 9), issue('A', 8)];
  expect(typesOf(now, [issue('A', 1), issue('Gone', 5)])).toEqual([
    { key: 'A', now: 10, before: 1 },
    { key: 'B', now: 9, before: 0 },
  ]);
});

test('the heat of a week is by the reader’s own days and hours', () => {
  const at = new Date(2026, 10, 29, 14); // a Sunday
  const heat = heatOf([2, 3].map((count) => ({ at: at.toISOString(), count })));
  expect(heat[6]?.[14]).toBe(5);
  expect(heat.flat().reduce((all, one) => all + one, 0)).toBe(5);
});

test('a version is marked where its first report is, unless it was there before', () => {
  const series = [
    { key: '1.0', counts: [9, 9, 9, 9] },
    { key: '1.1', counts: [0, 0, 9, 9] },
    { key: 'stray', counts: [0, 1, 0, 0] },
  ];
  expect(versionMarks({ interval: 'hour', times, series }, 8)).toEqual([
    { at: 2 * HOUR, label: '1.1', isName: true },
  ]);
});

test('a spreadsheet reads what is there and runs none of it', () => {
  const rows = [
    { key: '=HYPERLINK("x")', now: 3, before: 2 },
    { key: 'a,b', now: 1, before: NaN },
  ];
  const csv = csvOf(
    { before: 0, since: HOUR, until: 2 * HOUR },
    [
      { name: 'type', rows },
      { name: 'version', rows: [{ key: '1', project: 'a', now: 1, before: 1 }] },
    ],
    [{ at: times[1] ?? '', count: 4 }],
  );
  const span = '1970-01-01T01:00:00.000Z,1970-01-01T02:00:00.000Z';
  expect(csv.split('\r\n')).toEqual([
    'by,key,since,until,reports,reports_before,change',
    `type,"'=HYPERLINK(""x"")",${span},3,2,0.5`,
    `type,"a,b",${span},1,,`,
    `version,a 1,${span},1,1,0`,
    `hour,1970-01-01T01:00:00.000Z,${span},4,,`,
    '',
  ]);
});
