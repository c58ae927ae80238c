import { expect, test } from 'vitest';
import { fit, issueIdOf, ranked, type Command } from './palette';

const named = (label: string, hint?: string): Command => ({
  id: label,
  group: 'page',
  label,
  hint,
});

test('a beginning goes before a part, and a part before letters in order', () => {
  const commands = ['Events', 'Every version', 'shop_api', 'Api docs', 'A page of ideas'].map((l) =>
    named(l),
  );
  const labels = (typed: string) => ranked(commands, typed, 9).map((one) => one.label);
  expect(labels('ev')).toEqual(['Events', 'Every version']);
  expect(labels('api')).toEqual(['Api docs', 'shop_api', 'A page of ideas']);
  expect(labels('')).toHaveLength(5);
  expect(labels('zzz')).toEqual([]);
});

test('a hint is searched too, behind the names', () => {
  const commands = [named('Dark', 'Theme'), named('Themes of the week')];
  expect(ranked(commands, 'theme', 9).map((one) => one.label)).toEqual([
    'Themes of the week',
    'Dark',
  ]);
});

test('words fit in any order, letters only in short names', () => {
  expect(fit('Switch to the dark theme', 'theme dark')).toBe(2);
  expect(fit('Проекты', 'проек')).toBe(5);
  expect(fit('a long sentence about things that nobody ever looks for', 'azz')).toBe(0);
});

test.each([
  ['#12', 12],
  ['12', 12],
  [' 7 ', 7],
  ['0', null],
  ['1e3', null],
  ['TypeError', null],
])('%j means the issue %j', (typed, expected) => {
  expect(issueIdOf(typed)).toBe(expected);
});
