import { expect, test } from 'vitest';
import { batched, BULK_MAX } from './batches';

test('many ids go in batches that the server takes', () => {
  const ids = Array.from({ length: 2 * BULK_MAX + 1 }, (_, n) => n + 1);
  expect(batched(ids).map((batch) => batch.length)).toEqual([BULK_MAX, BULK_MAX, 1]);
  expect(batched(ids).flat()).toEqual(ids);
  expect(batched([])).toEqual([]);
});

test('the limit is the one that the server has', () => {
  const sources = import.meta.glob<string>('../../../src/domain/change.rs', {
    query: '?raw',
    import: 'default',
    eager: true,
  });
  expect(Object.values(sources)[0]).toContain(`pub const BULK_MAX: usize = ${BULK_MAX};`);
});
