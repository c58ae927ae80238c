import { expect, test } from 'vitest';
import { asksFirst, COLUMNS, merged, nextTarget, ORDER, targetsOf } from './board';
import { MOVES } from './status';
import { STATUSES, type Issue, type Status } from './types';

test('every status has its place on the board', () => {
  expect([...ORDER].sort()).toEqual([...STATUSES].sort());
  expect(COLUMNS.filter(({ aside }) => aside).map(({ step, aside }) => [step, aside])).toEqual([
    ['VERIFYING', 'CANNOT_REPRODUCE'],
    ['FIXED', 'FIX_FAILED'],
  ]);
});

test('a card can be put only where the workflow leads', () => {
  for (const from of STATUSES) {
    for (const to of targetsOf(from)) expect(MOVES[from]).toContain(to);
    expect(targetsOf(from)).not.toContain('NEW');
  }
  expect(targetsOf('DEPLOYED')).toEqual(['VERIFYING']);
  expect(targetsOf('FIX_FAILED')).toEqual(['PENDING_FIX', 'FIXING']);
});

test.each<[Status, Status | null, 1 | -1, Status | null]>([
  ['NEW', null, 1, 'VERIFYING'],
  ['VERIFYING', null, 1, 'CANNOT_REPRODUCE'],
  ['VERIFYING', 'CANNOT_REPRODUCE', 1, 'PENDING_FIX'],
  ['VERIFYING', 'PENDING_FIX', 1, 'PENDING_FIX'],
  ['FIX_FAILED', null, -1, 'FIXING'],
  ['FIX_FAILED', 'FIXING', -1, 'PENDING_FIX'],
  ['DEPLOYED', null, 1, 'VERIFYING'],
])('from %s at %s a key by %d leads to %s', (from, present, by, expected) => {
  expect(nextTarget(from, present, by)).toBe(expected);
});

test('a version or a reason is asked for before the move', () => {
  expect(asksFirst('VERIFIED', 'DEPLOYED')).toBe(true);
  expect(asksFirst('DEPLOYED', 'VERIFYING')).toBe(true);
  expect(asksFirst('NEW', 'VERIFYING')).toBe(false);
});

test('cards keep their place while others come and go', () => {
  const issue = (id: number, count = 1) => ({ id, count }) as Issue;
  const after = merged([issue(1), issue(2), issue(3)], [issue(4), issue(3, 9), issue(1)]);
  expect(after.map(({ id, count }) => [id, count])).toEqual([
    [4, 1],
    [1, 1],
    [3, 9],
  ]);
});
