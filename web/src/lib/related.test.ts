import { expect, test } from 'vitest';
import { alike, ofRequest, pattern } from './related';
import { browserOf, slicesOf } from './sample';
import type { EventSummary, Issue } from './types';

const issue = (id: number, message: string, file_path = 'a.py', count = 1) =>
  ({ id, message, file_path, count }) as Issue;
const event = (event_id: string, issue_id: number, timestamp: string, user_id = '') =>
  ({ event_id, issue_id, timestamp, user_id: user_id || null }) as EventSummary;

test('what differs from report to report is not the message', () => {
  expect(pattern('Timeout after 1,200 ms on "db-1"')).toBe(pattern('timeout after 9 ms on "db-2"'));
  expect(pattern('No row 5f2b9c11-aaaa-bbbb-cccc-000000000000')).toBe('no row #');
  expect(pattern('jwt expired')).not.toBe(pattern('jwt malformed'));
});

test('alike are others that say the same, of the same file first', () => {
  const others = [issue(1, 'x 1'), issue(2, 'x 2', 'b.py', 9), issue(3, 'x 3'), issue(4, 'y')];
  expect(alike(issue(1, 'x 7'), others).map((one) => one.id)).toEqual([3, 2]);
});

test('a request’s other issues come once each, in their order', () => {
  const first = [event('c', 3, '03'), event('b', 2, '02')];
  const events = [...first, event('a', 1, '01'), event('d', 3, '04')];
  expect(ofRequest(1, events).map((one) => one.event_id)).toEqual(['b', 'c']);
});

test('newest events are counted by what they share', () => {
  const events = [event('a', 1, '03', 'u1'), event('b', 1, '02', 'u2'), event('c', 1, '01', 'u1')];
  expect(slicesOf(events, (one) => one.user_id)).toEqual([
    { key: 'u1', count: 2, last_seen: '03' },
    { key: 'u2', count: 1, last_seen: '02' },
  ]);
  expect(slicesOf([event('a', 1, '01')], (one) => one.user_id)).toEqual([]);
});

test('Edge says that it is Chrome and Safari too', () => {
  const none = new Set<string>();
  const found = [new Set(['edge']), none, none, new Set(['edge', 'chrome']), new Set(['edge'])];
  expect(browserOf(found, 'edge')).toBe('Edge');
  expect(browserOf(found, 'chrome')).toBe('Chrome');
  expect(browserOf(found, 'curl')).toBeNull();
});
