import { expect, test } from 'vitest';
import { size } from './bytes';

test('a size has three digits and a unit of the language', () => {
  expect(size('en', 0)).toBe('0\u00a0B');
  expect(size('en', 1023)).toBe('1,023\u00a0B');
  expect(size('en', 10 * 1024 ** 3)).toBe('10\u00a0GiB');
  expect(size('zh-CN', 1.234 * 1024 ** 2)).toBe('1.23\u00a0MiB');
  expect(size('ru', 128 * 1024 ** 2)).toBe('128\u00a0МиБ');
  expect(size('ru', 1.5 * 1024 ** 4)).toBe('1,5\u00a0ТиБ');
  expect(size('en', 5000 * 1024 ** 4)).toBe('5,000\u00a0TiB');
});
