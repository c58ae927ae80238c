import { expect, test } from 'vitest';
import { absolute, bothZones, distance, isFresh, relative, upcoming } from './time';
import type { Language } from './phrase';

const NOW = new Date('2026-11-22T12:00:00.000Z');
const plainSpaces = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');
const before = (seconds: number) => new Date(NOW.getTime() - seconds * 1000).toISOString();

test.each<[Language, number, string]>([
  ['en', 5, 'just now'],
  ['ru', 5, 'только что'],
  ['zh-CN', -5, '刚刚'],
  ['en', 300, '5 min. ago'],
  ['en', 5_400, '1 hr. ago'],
  ['en', 90_000, 'yesterday'],
  ['en', 40 * 86_400, '1 mo. ago'],
  ['en', 800 * 86_400, '2 yr. ago'],
  ['en', -300, 'in 5 min.'],
  ['ru', 300, '5 мин. назад'],
  ['ru', 2 * 86_400, 'позавчера'],
  ['zh-CN', 300, '5 分钟前'],
  ['zh-CN', 3 * 86_400, '3 天前'],
])('%s, %d s ago: %s', (language, seconds, expected) => {
  expect(plainSpaces(relative(language, before(seconds), NOW))).toBe(expected);
});

test('what is due is never in the past', () => {
  expect(upcoming('en', before(300), NOW)).toBe('now');
  expect(upcoming('en', before(-30), NOW)).toBe('now');
  expect(upcoming('en', before(-300), NOW)).toBe('in 5 min.');
});

test('what is no time is shown as it came', () => {
  expect(relative('en', 'soon', NOW)).toBe('soon');
  expect(absolute('en', 'soon')).toBe('soon');
  expect(bothZones('en', 'soon')).toBe('soon');
});

test('absolute times have 24 hours', () => {
  const at = '2026-11-22T00:05:09.123Z';
  expect(plainSpaces(absolute('ru', at, 'UTC'))).toBe('22 нояб. 2026 г., 00:05:09');
  expect(absolute('zh-CN', at, 'UTC')).toBe('2026年11月22日 00:05:09');
  expect(absolute('en', at, 'Asia/Shanghai')).toBe('Nov 22, 2026, 08:05:09');
  expect(bothZones('en', at)).toContain('2026-11-22 00:05:09.123Z');
});

test('distances choose their unit', () => {
  const first = '2026-11-22T12:00:00.000Z';
  expect(distance('en', first, '2026-11-22T12:00:00.120Z')).toBe('+120 ms');
  expect(distance('en', first, '2026-11-22T12:00:01.500Z')).toBe('+1.5 sec');
  expect(distance('en', first, '2026-11-22T12:03:00.000Z')).toBe('+3 min');
});

test('what came within a day is fresh', () => {
  expect(isFresh(before(86_399), NOW)).toBe(true);
  expect(isFresh(before(86_401), NOW)).toBe(false);
});
