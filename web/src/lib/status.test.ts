import { expect, test } from 'vitest';
import { headerBytes } from './api';
import { breadcrumbsOf } from './breadcrumbs';
import { barsOf, daysOf } from './chart';
import { faultOf, faultSentence } from './fault';
import { historyLine, lastMove } from './history';
import { keyName } from './keys';
import { phrase, type Entry } from './phrase';
import { MOVES, needsNote, shortestPath } from './status';
import { STATUSES, type HistoryEntry } from './types';
import { en } from './words/en';

test('the shortest walk goes over the table of moves', () => {
  expect(shortestPath('NEW', 'DEPLOYED')).toEqual([
    'VERIFYING',
    'PENDING_FIX',
    'FIXING',
    'FIXED',
    'VERIFIED',
    'DEPLOYED',
  ]);
  expect(shortestPath('NEW', 'CANNOT_REPRODUCE')).toEqual(['VERIFYING', 'CANNOT_REPRODUCE']);
  expect(shortestPath('FIXING', 'NEW')).toBeNull();
  for (const from of STATUSES) {
    for (const to of MOVES[from]) expect(shortestPath(from, to)).toEqual([to]);
  }
});

test('only leaving DEPLOYED needs a note', () => {
  expect(needsNote(['NEW', 'DEPLOYED'])).toBe(true);
  expect(needsNote(['NEW', 'FIXED'])).toBe(false);
});

const press = (key: string, code: string, more = {}) =>
  keyName({
    key,
    code,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    isComposing: false,
    keyCode: 0,
    ...more,
  });

test.each([
  ['j', 'KeyJ', 'j'],
  ['J', 'KeyJ', 'j'],
  ['о', 'KeyJ', 'j'],
  ['h', 'KeyJ', 'h'],
  ['.', 'Slash', '/'],
  ['/', 'Slash', '/'],
  ['?', 'Slash', '?'],
  [',', 'Slash', '?'],
  ['х', 'BracketLeft', '['],
  ['Enter', 'Enter', 'Enter'],
  ['№', 'Digit3', null],
])('the key %s on %s is %s', (key, code, name) => {
  expect(press(key, code)).toBe(name);
});

test('a key with a modifier, or of an input method, is not ours', () => {
  expect(press('j', 'KeyJ', { ctrlKey: true })).toBeNull();
  expect(press('j', 'KeyJ', { isComposing: true })).toBeNull();
  expect(press('j', 'KeyJ', { keyCode: 229 })).toBeNull();
});

test('the fault of a query is marked at its position, in characters', () => {
  const info = { errors: [{ field: 'q', message: 'a bracket', position: 2 }] };
  expect(faultOf({ code: 'ValidationError', message: 'x', info }, '😀a(b')).toEqual({
    message: 'a bracket',
    before: '😀a',
    at: '(b',
    after: '',
  });
  const end = { code: 'ValidationError', message: 'open quote', info: { position: 9 } };
  expect(faultOf(end, 'abc')).toMatchObject({ before: 'abc', at: '', after: '' });
  const other = { errors: [{ field: 'limit', message: 'too small' }] };
  expect(faultOf({ code: 'ValidationError', message: 'x', info: other }, 'abc')).toBeNull();
  expect(faultOf({ code: 'DatabaseError', message: 'x', info }, 'abc')).toBeNull();
});

test('all of a bad value is marked, and what follows is not', () => {
  const refusal = { code: 'ValidationError', message: 'x', info: { position: 6 } };
  expect(faultOf(refusal, 'level:bad,ERROR y')).toMatchObject({ at: 'bad', after: ',ERROR y' });
  const open = { code: 'ValidationError', message: 'x', info: { position: 2 } };
  expect(faultOf(open, 'a "b c')).toMatchObject({ before: 'a ', at: '"b c', after: '' });
});

test.each([
  ['expected one of DEBUG, INFO, got ">3"', 'fault.oneOf DEBUG, INFO >3'],
  ['expected regressed, muted or mine, got "x"', 'fault.oneOf regressed, muted or mine x'],
  ['expected a whole number such as >100, got "x"', 'fault.number x'],
  ['expected a time such as <1h, >2d or >2026-01-01, got ""', 'fault.time '],
  ['this quote has no second one; write \\" for a quote in a text', 'fault.quote'],
  ['something new', 'something new'],
])('the fault %j has a sentence', (message, expected) => {
  const say = (key: string, values?: object) => [key, ...Object.values(values ?? {})].join(' ');
  expect(faultSentence({ message }, say)).toBe(expected);
});

test('hours are gathered into bars that end with the newest', () => {
  const times = Array.from({ length: 10 }, (_, n) => new Date(n * 3_600_000).toISOString());
  const counts = [1, 1, 1, 1, 1, 1, 1, 1, 1, 5];
  expect(barsOf(times, counts, 4).map((bar) => bar.count)).toEqual([2, 4, 8]);
  expect(daysOf(times, counts).reduce((sum, day) => sum + day.count, 0)).toBe(14);
  expect(barsOf([], [], 4)).toEqual([]);
});

test('breadcrumbs are read in the forms that clients send', () => {
  const [seconds, millis, text] = breadcrumbsOf({
    values: [
      { timestamp: 1_700_000_000.5, category: 'fetch', level: 'Warning', message: 'GET /' },
      { timestamp: 1_700_000_000_500, type: 'x', data: { a: 1 } },
      'plain',
    ],
  });
  expect(seconds).toEqual({
    at: '2023-11-14T22:13:20.500Z',
    clock: '22:13:20.500',
    kind: 'fetch',
    level: 'warning',
    text: 'GET /',
  });
  expect(millis).toMatchObject({ at: '2023-11-14T22:13:20.500Z', kind: 'x', text: '{"a":1}' });
  expect(text).toMatchObject({ at: null, text: 'plain' });
  expect(breadcrumbsOf('none')).toEqual([]);
});

test('a name outside Latin-1 goes into a header as its UTF-8 bytes', () => {
  const sent = headerBytes('Мария 陈');
  expect([...sent].every((character) => character.charCodeAt(0) < 256)).toBe(true);
  const bytes = Uint8Array.from(sent, (character) => character.charCodeAt(0));
  expect(new TextDecoder().decode(bytes)).toBe('Мария 陈');
});

test.each<[Partial<HistoryEntry>, string]>([
  [{ kind: 'move', to: 'FIXING' }, 'moved it to “Fixing”'],
  [{ kind: 'move', to: 'DEPLOYED', version: '1.2' }, 'moved it to “Deployed” (1.2)'],
  [{ kind: 'deploy', to: 'DEPLOYED', version: '1.2' }, 'deployed 1.2'],
  [{ kind: 'assign', text: 'bob' }, 'assigned it to bob'],
  [{ kind: 'assign', text: 'ann' }, 'took it'],
  [{ kind: 'assign' }, 'assigned it to nobody'],
  [{ kind: 'mute', text: 'for 5 reports' }, 'muted it for 5 reports'],
  [{ kind: 'mute', text: 'for ever' }, 'muted it forever'],
  [{ kind: 'mute', text: 'until 2026-11-23' }, 'muted it until 2026-11-23'],
  [{ kind: 'mute', text: 'unmuted' }, 'unmuted it'],
])('the history says of %j: %s', (part, expected) => {
  const nothing = { from: null, to: null, note: null, version: null, text: null };
  const by = { who: 'ann', verified: false, commit_hash: null };
  const entry = { id: 1, at: '', kind: 'move', ...by, ...nothing, ...part } as const;
  const words: Record<string, Entry> = en;
  const line = historyLine(entry, (key, values) => phrase('en', words[key] ?? '', values));
  expect(line).toBe(expected);
  expect(lastMove([entry])).toBe(part.to ? entry : undefined);
});
