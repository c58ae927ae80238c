import { expect, test } from 'vitest';
import { searchAddress, triedKind } from './eventsearch';
import { unknownKeys } from './query';

const query = (text: string) => new URLSearchParams(text);

test('what was tried is what was typed last, or the only condition there is', () => {
  expect(triedKind(query('request_id=u_1'), '')).toBe('request_id');
  expect(triedKind(query('request_id=u_1&user_id=u_2'), 'user_id')).toBe('user_id');
  expect(triedKind(query('request_id=u_1&user_id=u_2'), '')).toBe('');
  expect(triedKind(query('user_id=u_2'), 'request_id')).toBe('user_id');
  expect(triedKind(query('project_id=shop'), '')).toBe('');
});

test('another kind takes the place of the one that found nothing', () => {
  const before = query('project_id=shop&request_id=u_1');
  expect(searchAddress(before, 'request_id', 'user_id', 'u_1')).toBe(
    '/events?project_id=shop&user_id=u_1',
  );
  expect(searchAddress(before, '', 'user_id', 'u_1')).toBe(
    '/events?project_id=shop&request_id=u_1&user_id=u_1',
  );
  expect(searchAddress(before, 'request_id', 'request_id', 'u_2')).toBe(
    '/events?project_id=shop&request_id=u_2',
  );
});

test.each([
  ['message:*e*', ['message']],
  ['!env:staging -host:a1 level:ERROR', ['host']],
  ['host:a host:b', ['host']],
  ['http://shop.test/a std::vector 12:30', []],
  ['"message:x" TypeError: x TypeError:x', []],
  ['context.any.path:7 message: x', []],
])('unknown keys of %j are %j', (text, keys) => {
  expect(unknownKeys(text)).toEqual(keys);
});
