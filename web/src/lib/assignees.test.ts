import { expect, test } from 'vitest';
import { namesOf } from './assignees';

const of = (...names: (string | null)[]) => names.map((assignee) => ({ assignee }));

test('one is first oneself, then those who look after the most', () => {
  expect(namesOf('me', of('bob', null, 'ann', 'ann', 'me'), null)).toEqual(['me', 'ann', 'bob']);
  expect(namesOf('', of('bob', 'bob', 'ann'), null)).toEqual(['bob', 'ann']);
  expect(namesOf('me', [], null)).toEqual(['me']);
});

test('where there are logins, all who have one are offered and nobody else', () => {
  const gone = { name: 'old', disabled_at: '2026-01-01T00:00:00Z' } as never;
  const people = [{ name: 'ann' }, { name: 'bob' }, { name: 'me' }, gone];
  expect(namesOf('me', of('bob', 'typo', 'old'), people)).toEqual(['me', 'bob', 'ann']);
});
