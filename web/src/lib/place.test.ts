import { expect, test } from 'vitest';
import { placeOf } from './place';

test.each([
  ['a.js:7', null, 'a.js', 7],
  ['a.js', null, 'a.js', 0],
  ['', null, '', 1],
  ['b.js:2 in f', 'b.js:2 in f', 'unknown', 0],
])('%j', (expected, culprit, file_path, line_number) => {
  expect(placeOf({ culprit, file_path, line_number })).toBe(expected);
});
