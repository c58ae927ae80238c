import { expect, test } from 'vitest';
import { groupsIn, listQuery, missingFrom, recounted, rowsOf, unseen, viewOf } from './attention';
import type { Found } from './attention';
import { readLook, seenAll, sinceOf, visitNow } from './looked';
import type { Issue } from './types';

const HOUR = 3_600_000;

function issue(id: number, changes: Partial<Issue> = {}): Issue {
  const base = { id, project_id: 'shop', type: `E${id}`, level: 'ERROR', count: 1 };
  return { ...base, ...changes } as Issue;
}

function found(lists: Partial<Record<keyof Found, Issue[]>>): Found {
  const list = (items: Issue[] = []) => ({ items, total: items.length });
  return {
    regressed: list(lists.regressed),
    fresh: list(lists.fresh),
    rising: list(lists.rising),
  };
}

const keys = (cards: { key: string }[]) => cards.map((card) => card.key);

test('an issue stands in the most urgent place only', () => {
  const one = issue(1);
  const view = viewOf(found({ regressed: [one], rising: [one, issue(2)] }), 1_000);
  expect(view.sections.map(({ reason, cards, total }) => [reason, keys(cards), total])).toEqual([
    ['regressed', ['1'], 1],
    ['rising', ['2'], 1],
  ]);
});

test('the worst level comes first, then the most reports', () => {
  const fresh = [
    issue(1, { count: 9 }),
    issue(2, { level: 'CRITICAL' }),
    issue(3, { count: 30 }),
    issue(4, { level: 'WARNING', count: 90 }),
  ];
  const [section] = viewOf(found({ fresh }), 10_000).sections;
  expect(keys(section?.cards ?? [])).toEqual(['2', '3', '1', '4']);
});

test.each([
  ['very many reports', 1_000, 1_000_000, true],
  ['a quarter of everything', 100, 400, true],
  ['many, among many more', 999, 4_000, false],
  ['a quarter of next to nothing', 20, 40, false],
])('a storm is one card above the lists: %s', (_, count, reports, storm) => {
  const view = viewOf(found({ fresh: [issue(1, { count })] }), reports);
  expect(view.storms.length).toBe(storm ? 1 : 0);
  expect(view.sections.length).toBe(storm ? 0 : 1);
});

test('a thousand new issues of one type are one card', () => {
  const many = Array.from({ length: 200 }, (_, n) => issue(n + 1, { type: 'TypeError', count: 2 }));
  const view = viewOf(found({ fresh: [...many, issue(900)] }), 10_000);
  expect(view.storms.map(({ issues, reports }) => [issues, reports])).toEqual([[200, 400]]);
  expect(view.sections.map(({ cards, total }) => [keys(cards), total])).toEqual([[['900'], 1]]);
  // The page that was read ends somewhere, the storm does not.
  const [card] = groupsIn(view);
  const lists = { ...found({ fresh: many }), fresh: { items: many, total: 1_204 } };
  const whole = viewOf(lists, 10_000, new Map([[card?.key ?? '', 1_204]]));
  expect(whole.storms.map(({ issues }) => issues)).toEqual([1_204]);
});

test('what is on the screen keeps its place while its numbers change', () => {
  const shown = viewOf(found({ fresh: [issue(1, { count: 5 }), issue(2, { count: 3 })] }), 9_999);
  const lists = { fresh: [issue(2, { count: 30 }), issue(1, { count: 5 }), issue(3)] };
  const next = viewOf(found(lists), 9_999);
  expect(missingFrom(shown, next)).toBe(1);
  const cards = recounted(shown, next).sections[0]?.cards ?? [];
  expect(cards.map((card) => [card.key, card.reports])).toEqual([
    ['1', 5],
    ['2', 30],
  ]);
});

test.each([
  [[1, 9, 9], 12, [1, 6, 5]],
  [[2, 1, 0], 12, [2, 1, 0]],
  [[9, 9, 9], 0, [0, 0, 0]],
])('of %j rows %d are shown, shared out as %j', (lengths, rows, expected) => {
  expect(rowsOf(lengths, rows)).toEqual(expected);
});

test('what was seen, or is of the hour before the time, is left out of a list', () => {
  const at = (ms: number) => ({ last_seen: new Date(ms).toISOString() });
  const items = [issue(1, at(10)), issue(2, at(10)), issue(3, at(4))];
  const left = unseen({ items, total: 9 }, 5, [2]);
  expect(left.items.map((one) => one.id)).toEqual([1]);
  expect(left.total).toBe(7);
});

test('a list is a search that anybody can repeat', () => {
  expect(listQuery('fresh', 0)).toEqual({
    q: 'first:>1970-01-01T00:00:00.000Z !is:muted',
    status: 'NEW',
  });
});

test('a visit begins where the last one ended, and a reload does not end it', () => {
  const now = 1_000 * HOUR;
  expect(visitNow(null, now)).toEqual({
    since: now - 24 * HOUR,
    at: now,
    seen: [],
    first: true,
  });
  const visit = { since: now - 9 * HOUR, at: now - HOUR / 4, seen: [7] };
  expect(visitNow(visit, now)).toEqual({ since: now - 9 * HOUR, at: now, seen: [7] });
  const away = { ...visit, at: now - HOUR };
  expect(visitNow(away, now)).toEqual({ since: now - HOUR, at: now, seen: [] });
  expect(visitNow({ ...visit, at: now + HOUR }, now).since).toBe(now - 24 * HOUR);
  expect(visitNow({ since: 0, at: 0, seen: [] }, now).since).toBe(now - 14 * 24 * HOUR);
  expect(seenAll(now, [7])).toEqual({ since: now, at: now, seen: [7] });
});

test('the address says how far back to look', () => {
  const looked = { since: 5, at: 6, seen: [] };
  const look = (text: string) => sinceOf(readLook(new URLSearchParams(text)), looked, 24 * HOUR);
  expect(look('')).toBe(5);
  expect(look('look=24h')).toBe(0);
  expect(look('look=bogus')).toBe(5);
});
