import { expect, test } from 'vitest';
import { restOf, standsFor, tagsOf } from './rest';
import type { Context, LogEvent } from './types';

function rest(context: Context | null, ids: Partial<LogEvent> = {}): Context {
  const none = { user_id: null, request_id: null, trace_id: null };
  return restOf({ ...none, ...ids, context } as LogEvent);
}

test('what stands in a place of its own is not shown again', () => {
  const context: Context = {
    user_id: 'u_1',
    requestId: 'r-1',
    tags: { shop: 'eu', deep: { a: 1 } },
    user: { id: 'u_1', plan: 'pro' },
    currentUser: { id: 'u_1' },
    breadcrumbs: [],
    url: '/cart',
    folded: 4,
    extra: { a: 1 },
  };
  expect(rest(context, { user_id: 'u_1', request_id: 'r-1' })).toEqual({
    tags: { deep: { a: 1 } },
    user: { plan: 'pro' },
    extra: { a: 1 },
  });
});

test('what is not shown elsewhere stays', () => {
  const context: Context = {
    user_id: 'u_2',
    user: 'ann',
    tags: ['a'],
    folded: 'no',
    trace_id: 't',
    currentUser: {},
  };
  expect(rest(context, { user_id: 'u_1' })).toEqual(context);
  expect(rest(null)).toEqual({});
});

test('tags are those with a plain value, and the context keeps what is beyond their number', () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`t${at}`, at]));
  expect(tagsOf({ tags: { a: 1, b: null, c: {} } })).toEqual([['a', '1']]);
  expect(tagsOf({ tags: many })).toHaveLength(24);
  expect(Object.keys(rest({ tags: many }).tags as Context)).toHaveLength(6);
});

test('a report that stands for others says for how many', () => {
  expect(standsFor({ folded: 11 })).toBe(12);
  for (const folded of [0, -1, 1.5, '3', null]) expect(standsFor({ folded })).toBe(1);
  expect(standsFor(null)).toBe(1);
});
