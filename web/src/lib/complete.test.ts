import { expect, test } from 'vitest';
import { completed, completionAt, type Known } from './complete';
import { looksLikeId, segmentsOf, termsOf, withTerm, written } from './query';

const KNOWN: Known = {
  project: ['shop_api', 'shop_frontend', 'payments'],
  version: ['4.15.1', '4.15.0'],
  env: ['production', 'pre prod'],
};

/** `|` is the caret; the answer is what the choices say. */
function labels(marked: string): string[] {
  const caret = marked.indexOf('|');
  const text = marked.replace('|', '');
  return completionAt(text, caret, KNOWN).choices.map((choice) => choice.label);
}

/** The text after the first choice is taken, with `|` for the caret. */
function first(marked: string): string {
  const caret = marked.indexOf('|');
  const text = marked.replace('|', '');
  const completion = completionAt(text, caret, KNOWN);
  const [choice] = completion.choices;
  if (!choice) return 'nothing';
  const done = completed(text, completion, choice);
  return `${done.text.slice(0, done.caret)}|${done.text.slice(done.caret)}`;
}

test('an empty box offers every key', () => {
  expect(labels('|')).toHaveLength(18);
  expect(labels('timeout |')).toHaveLength(18);
});

test.each([
  ['st|', ['status:']],
  ['!st|', ['status:']],
  ['timeout us|', ['user:', 'users:']],
  ['zzz|', []],
  ['TypeError: x|', []],
  ['"st|', []],
  ['project:shop|', ['shop_api', 'shop_frontend']],
  ['project:front|', ['shop_frontend']],
  ['project:shop_api,|', ['shop_frontend', 'payments']],
  ['level:|', ['CRITICAL', 'ERROR', 'WARNING', 'INFO', 'DEBUG']],
  ['level:err|', ['ERROR']],
  ['is:r|', ['regressed', 'rising']],
  ['seen:<|', ['<1h', '<24h', '<7d']],
  ['trace:|', []],
  ['status:NEW|', []],
])('%s offers %j', (text, expected) => {
  expect(labels(text)).toEqual(expected);
});

test.each([
  ['st|', 'status:|'],
  ['-st| timeout', '-status:| timeout'],
  ['level:err|', 'level:ERROR |'],
  ['level:err| timeout', 'level:ERROR| timeout'],
  ['env:pre|', 'env:"pre prod" |'],
  ['env:"pre p|', 'env:"pre prod" |'],
  ['project:shop_api,pay|', 'project:shop_api,payments |'],
  ['project:sh|_x', 'project:shop_api |'],
  ['count:|', 'count:>10 |'],
])('%s becomes %s', (text, expected) => {
  expect(first(text)).toBe(expected);
});

test('terms are found where the server finds them', () => {
  const text = 'a  !status:NEW "two words" -level:"x y",ERROR TypeError: b"c d';
  const found = termsOf(text).map((term) => [text.slice(term.from, term.to), term.key]);
  expect(found).toEqual([
    ['a', null],
    ['!status:NEW', 'status'],
    ['"two words"', null],
    ['-level:"x y",ERROR', 'level'],
    ['TypeError:', null],
    ['b"c', null],
    ['d', null],
  ]);
  expect(termsOf(text).map((term) => term.negated).slice(0, 4)).toEqual([false, true, false, true]);
});

test('a value is quoted where something in it would mean more', () => {
  expect(written('shop_api')).toBe('shop_api');
  expect(written('a b')).toBe('"a b"');
  expect(written('a*"\\')).toBe('"a\\*\\"\\\\"');
  expect(written('')).toBe('""');
});

test('a term is added once', () => {
  expect(withTerm('', 'type', 'TypeError')).toBe('type:TypeError');
  expect(withTerm('x', 'env', 'pre prod', true)).toBe('x !env:"pre prod"');
  expect(withTerm('type:A', 'type', 'A')).toBe('type:A');
});

test('a query is cut where its looks change', () => {
  const cut = (query: string, from = -1, length = 0) =>
    segmentsOf(query, from, length).map(({ kind, text }) => `${kind}:${text}`);
  expect(cut('')).toEqual([]);
  expect(cut('a level:ERROR b')).toEqual(['plain:a ', 'term:level:ERROR', 'plain: b']);
  expect(cut('level:>3 b', 6, 2)).toEqual(['term:level:', 'fault:>3', 'plain: b']);
  expect(cut('file:', 5, 0)).toEqual(['term:file:', 'fault:\u2003']);
});

test('what is one word with a digit may be an id', () => {
  const ids = ['u_12345', '7c9919e9-d5ef-404c-b15e-e96d7052f30f', 'ann@shop.example'];
  expect(ids.map(looksLikeId)).toEqual([true, true, true]);
  const words = ['timeout', 'user:u_12345', 'two words 1', 'a1', ''];
  expect(words.filter(looksLikeId)).toEqual([]);
});
