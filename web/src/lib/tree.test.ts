import { expect, test } from 'vitest';
import { pruned, sizeOf } from './tree';

const CONTEXT = {
  user: { id: 'u_1', plan: 'Gold' },
  tags: { market: 'DE', nested: { deep: ['x', 'golden', null] } },
  n: 42,
};

test('what a text is in stays, with what holds it', () => {
  expect(pruned(CONTEXT, 'gold')).toEqual({
    user: { plan: 'Gold' },
    tags: { nested: { deep: { '1': 'golden' } } },
  });
  expect(pruned(CONTEXT, '42')).toEqual({ n: 42 });
});

test('a key that fits keeps all that is under it', () => {
  expect(pruned(CONTEXT, 'NESTED')).toEqual({ tags: { nested: CONTEXT.tags.nested } });
});

test('nothing typed is everything, nothing found is nothing', () => {
  expect(pruned(CONTEXT, ' ')).toBe(CONTEXT);
  expect(pruned(CONTEXT, 'zzz')).toBeUndefined();
});

test('a key of any name is only a key', () => {
  const hostile = JSON.parse('{"__proto__": {"polluted": "x"}}');
  const kept = pruned(hostile, 'x') as object;
  expect(Object.keys(kept)).toEqual(['__proto__']);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

test('counting stops where it is enough', () => {
  expect(sizeOf(CONTEXT, 100)).toBe(7);
  expect(sizeOf(CONTEXT, 3)).toBe(3);
});
