import { expect, test } from 'vitest';
import { breakable, nameParts } from './typename';

test.each([
  ['com.example.payments.CardDeclined', 'com.example.payments.', 'CardDeclined'],
  ['std::io::Error', 'std::io::', 'Error'],
  ['App\\Exceptions\\Late', 'App\\Exceptions\\', 'Late'],
  ['*errors.errorString', '*errors.', 'errorString'],
  ['TypeError', '', 'TypeError'],
  ['ERR_HTTP_HEADERS_SENT', '', 'ERR_HTTP_HEADERS_SENT'],
  ['It failed. Really.', '', 'It failed. Really.'],
  ['a.', '', 'a.'],
  ['', '', ''],
])('the name of %s', (type, from, name) => {
  expect(nameParts(type)).toEqual({ from, name });
});

test('a long name breaks between its words', () => {
  const type = 'runtime.MemoryLimitExceeded';
  expect(breakable(type)).toEqual(['runtime.', 'Memory', 'Limit', 'Exceeded']);
  expect(breakable('a::b_c')).toEqual(['a::', 'b_', 'c']);
  expect(breakable('Error')).toEqual(['Error']);
});
