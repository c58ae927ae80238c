import { expect, test } from 'vitest';
import { Selection } from './selection.svelte';

const ORDER = [11, 12, 13, 14, 15];
const rows = ORDER.map((id) => ({ id }));
const chosen = (selection: Selection) => selection.of(rows).map((row) => row.id);

test('rows are chosen one by one, and from one to another', () => {
  const selection = new Selection();
  selection.toggle(ORDER, 1, false);
  selection.toggle(ORDER, 3, true);
  expect(chosen(selection)).toEqual([12, 13, 14]);
  selection.toggle(ORDER, 2, false);
  expect(chosen(selection)).toEqual([12, 14]);
  expect([selection.size, selection.current]).toEqual([2, 2]);
  selection.toggle(ORDER, 9, false);
  expect(selection.size).toBe(2);
});

test('what is gone does not stay chosen', () => {
  const selection = new Selection();
  selection.add(ORDER);
  selection.current = 4;
  selection.keepOnly([11, 13]);
  expect(chosen(selection)).toEqual([11, 13]);
  expect(selection.current).toBe(1);
  selection.delete([11]);
  expect([selection.has(11), selection.has(13)]).toEqual([false, true]);
  selection.clear();
  expect(selection.size).toBe(0);
});
