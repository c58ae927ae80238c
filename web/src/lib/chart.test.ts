import { expect, test } from 'vitest';
import { flagsOf } from './chart';

/** In a chart of 1,000 pixels from 0 to 1,000; the label takes 39 of them. */
const sides = (...places: number[]) =>
  flagsOf(places.map((at) => ({ at, label: '3.6.7' })), 0, 1_000, 1_000).map(
    ({ place, side }) => [place * 1_000, side],
  );

test('a label stands right of its line, whatever the order of the marks', () => {
  expect(sides(500, 100)).toEqual([[100, 'right'], [500, 'right']]);
});

test('a label that does not end before the next line is left out', () => {
  expect(sides(100, 138, 300)).toEqual([[100, null], [138, 'right'], [300, 'right']]);
  expect(sides(100, 139)).toEqual([[100, 'right'], [139, 'right']]);
});

test('at the right edge a label stands left of its line, and what it covers is left out', () => {
  expect(sides(980)).toEqual([[980, 'left']]);
  expect(sides(910, 980)).toEqual([[910, null], [980, 'left']]);
  expect(sides(900, 980)).toEqual([[900, 'right'], [980, 'left']]);
  expect(sides(945, 980)).toEqual([[945, null], [980, null]]);
});

test('a label wider than the chart and a mark outside of it are not shown', () => {
  const long = { at: 5, label: 'nightly-'.repeat(30) };
  expect(flagsOf([long, { at: 11, label: '1' }], 0, 10, 600)).toMatchObject([{ side: null }]);
});
