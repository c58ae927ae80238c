import { expect, test } from 'vitest';
import { BLOCK_ROWS, rowTop, shownRows } from './window';

const BLOCK_PX = 1_060;

test('a short list is in the page as a whole', () => {
  expect(shownRows(500, [], 9_000, 9_900)).toEqual({ from: 0, to: 500, before: 0, after: 0 });
});

test('of a long list there are only the rows around the screen', () => {
  const shown = shownRows(100_000, [], 1_000_000, 1_000_900);
  expect(shown.to - shown.from).toBeLessThanOrEqual(5 * BLOCK_ROWS);
  expect(shown.before).toBeLessThan(1_000_000);
  expect(shown.before + shown.after + ((shown.to - shown.from) / BLOCK_ROWS) * BLOCK_PX).toBe(
    5_000 * BLOCK_PX,
  );
});

test('the screen is always covered, wherever it is', () => {
  for (let top = 0; top < 5_000 * BLOCK_PX; top += 97_531) {
    const { from, to, before } = shownRows(100_000, [], top, top + 900);
    expect(before).toBeLessThanOrEqual(top);
    const end = before + ((to - from) / BLOCK_ROWS) * BLOCK_PX;
    expect(end).toBeGreaterThanOrEqual(Math.min(top + 900, 5_000 * BLOCK_PX));
  }
});

test('beyond the end the last rows are shown', () => {
  const shown = shownRows(1_020, [], 9_999_999, 9_999_999);
  expect([shown.from, shown.to, shown.after]).toEqual([1_000, 1_020, 0]);
});

test('measured heights go before the usual one', () => {
  const heights = [5_000, 5_000];
  expect(rowTop(40, heights)).toBe(10_000);
  expect(rowTop(50, heights)).toBe(12_500);
  expect(shownRows(1_000, heights, 0, 900).to).toBe(20);
});
