import { expect, test } from 'vitest';
import { compared, gathered, growth, stepsSince, toldGrowth, totals } from './series';
import type { Stats } from './types';

const HOUR = 3_600_000;
const times = [0, 1, 2, 3].map((hour) => new Date(hour * HOUR).toISOString());

test('the series of an answer add up', () => {
  const series = [
    { key: 'a', counts: [1, 0, 2, 0] },
    { key: 'b', counts: [0, 5, 1, 0] },
  ];
  expect(totals({ interval: 'hour', times, series } satisfies Stats)).toEqual([1, 5, 3, 0]);
});

test.each([
  [0, 4],
  [HOUR, 3],
  [HOUR + 1, 3],
  [3 * HOUR + 1, 1],
  [9 * HOUR, 1],
])('a moment lies in a step that counts whole: %d', (since, steps) => {
  expect(stepsSince(times, since)).toBe(steps);
});

test('a time is compared with the one before, as long as that is known', () => {
  expect(compared([1, 2, 3, 4], 2)).toEqual({ now: 7, before: 3 });
  expect(compared([1, 2, 3], 2)).toEqual({ now: 5, before: NaN });
});

test('growth is a share of what was', () => {
  expect(growth({ now: 3, before: 2 })).toBe(0.5);
  expect(growth({ now: 0, before: 2 })).toBe(-1);
  expect(growth({ now: 3, before: 0 })).toBe(null);
  expect(growth({ now: 3, before: NaN })).toBe(null);
});

test('all of them went only when none is left', () => {
  expect(toldGrowth({ now: 2, before: 1_500 })).toBe(0.99);
  expect(toldGrowth({ now: 0, before: 1_500 })).toBe(1);
  expect(toldGrowth({ now: 60, before: 100 })).toBe(0.4);
  expect(toldGrowth({ now: 2_000, before: 1_001 })).toBeCloseTo(0.998);
  expect(toldGrowth({ now: 1, before: 0 })).toBe(null);
});

test('bars gather steps and lose none of them', () => {
  const bars = gathered(times, [1, 2, 3, 4], 3);
  expect(bars).toEqual([
    { at: times[0], count: 3 },
    { at: times[2], count: 7 },
  ]);
  expect(gathered(times, [1, 2, 3, 4], 9)).toHaveLength(4);
});
