import { expect, test } from 'vitest';
import { newestFirst } from './version';

test.each([
  ['numbers, not letters', ['1.10.0', '1.9.1', '1.9']],
  ['a release after what led to it', ['2.0.0', '2.0.0-rc.1', '2.0.0-dev', '1.9.9']],
  ['parts of what led to it', ['1.0.0-b', '1.0.0-a.10.0', '1.0.0-a.10', '1.0.0-a.9', '1.0.0-9']],
  ['a leading v and a build', ['v3', '2.1+build.7', 'V2.0.9']],
  ['numbers of any length', ['1.0.100000000000000000001', '1.0.99999999999999999999']],
])('versions are in order by %s', (_, sorted) => {
  expect(newestFirst(sorted.toReversed())).toEqual(sorted);
});

test('what is no version follows as it came', () => {
  const names = ['nightly', '1.2', '01.3', '1.3', '2024.11.05', '1.0.0-01', '1.2.3.4'];
  expect(newestFirst(names)).toEqual([
    '1.3',
    '1.2',
    'nightly',
    '01.3',
    '2024.11.05',
    '1.0.0-01',
    '1.2.3.4',
  ]);
});
