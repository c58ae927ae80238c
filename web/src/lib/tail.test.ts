import { expect, test } from 'vitest';
import { NOTHING, perMinute, readTail, ROWS_MAX, shown, tailQuery, taken } from './tail';
import type { EventSummary } from './types';

const event = (id: number, received = 0) =>
  ({ event_id: String(id), received_at: new Date(received).toISOString() }) as EventSummary;
const ids = (events: readonly EventSummary[]) => events.map((one) => one.event_id).join(' ');

test('new events come on top, each once', () => {
  const first = taken(NOTHING, [event(2), event(1)], false);
  const next = taken(first, [event(4), event(3), event(2), event(1)], false);
  expect(ids(next.rows)).toBe('4 3 2 1');
  expect(next.gaps).toEqual([]);
});

test('while it is held nothing moves, and nothing is lost', () => {
  const first = taken(NOTHING, [event(1)], false);
  const held = taken(taken(first, [event(2), event(1)], true), [event(3), event(2)], true);
  expect([ids(held.rows), ids(held.held)]).toEqual(['1', '3 2']);
  expect(ids(shown(held).rows)).toBe('3 2 1');
});

test('where an answer held none that was known, some are missing', () => {
  const first = taken(NOTHING, [event(1)], false);
  expect(first.gaps).toEqual([]);
  const next = taken(first, [event(9), event(8)], false);
  expect([ids(next.rows), next.gaps]).toEqual(['9 8 1', ['8']]);
});

test('the rows end somewhere', () => {
  const many = Array.from({ length: ROWS_MAX }, (_, at) => event(at));
  const next = taken(taken(NOTHING, many, false), [event(9_999), event(0)], false);
  expect(next.rows.length).toBe(ROWS_MAX);
  expect(next.rows[0]?.event_id).toBe('9999');
});

test('the last minute is counted, also what is held back', () => {
  const tail = taken(taken(NOTHING, [event(1, 0)], false), [event(2, 90_000), event(1, 0)], true);
  expect(perMinute(tail, 100_000)).toBe(1);
});

test('the filter stands in the address, and is asked in the words of the search', () => {
  const filter = readTail(new URLSearchParams('project_id=a&level=ERROR,CRITICAL&q=%20disk'));
  expect(tailQuery(filter).toString()).toBe(
    'limit=100&project_id=a&q=level%3AERROR%2CCRITICAL+disk',
  );
  expect(tailQuery(readTail(new URLSearchParams())).toString()).toBe('limit=100');
});
