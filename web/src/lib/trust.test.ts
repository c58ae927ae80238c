import { expect, test } from 'vitest';
import { isAtLeast } from './role';
import {
  browserOf,
  detailOf,
  hasEnded,
  keysByPlace,
  linkOf,
  originsOf,
  type Invited,
  type Key,
} from './trust';

const NOW = new Date('2026-11-14T12:00:00Z');

function key(changes: Partial<Key> = {}): Key {
  return {
    id: 1,
    name: 'web',
    kind: 'report',
    project_id: null,
    scopes: ['report'],
    origins: [],
    shown: 'lcr_1a2b',
    created_at: '2026-11-01T00:00:00Z',
    created_by: 'ann',
    expires_at: null,
    last_used_at: null,
    revoked_at: null,
    ...changes,
  };
}

test('each role may what the one before it may', () => {
  expect(isAtLeast('member', 'viewer')).toBe(true);
  expect(isAtLeast('member', 'member')).toBe(true);
  expect(isAtLeast('member', 'administrator')).toBe(false);
  expect(isAtLeast(null, 'viewer')).toBe(false);
});

test.each([
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox, Linux'],
  [
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
      'Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0',
    'Edge, Windows',
  ],
  [
    'Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 (KHTML, like Gecko) ' +
      'Chrome/156.0.0.0 Mobile Safari/537.36',
    'Chrome, Android',
  ],
  [
    'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 ' +
      '(KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1',
    'Safari, iPhone',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 ' +
      '(KHTML, like Gecko) Version/19.0 Safari/605.1.15',
    'Safari, macOS',
  ],
  ['curl/8.5.0', 'curl/8.5.0'],
  ['', ''],
])('%s is %s', (agent, browser) => {
  expect(browserOf(agent)).toBe(browser);
});

test('a key has ended when somebody ended it or its time has come', () => {
  expect(hasEnded(key(), NOW)).toBe(false);
  expect(hasEnded(key({ expires_at: '2026-11-14T12:00:01Z' }), NOW)).toBe(false);
  expect(hasEnded(key({ expires_at: '2026-11-14T12:00:00Z' }), NOW)).toBe(true);
  expect(hasEnded(key({ revoked_at: '2026-11-02T00:00:00Z' }), NOW)).toBe(true);
});

test('keys stand by project, those of the whole server first', () => {
  const keys = [
    key({ id: 4, project_id: 'web' }),
    key({ id: 3, project_id: 'api' }),
    key({ id: 2 }),
    key({ id: 1, project_id: 'web' }),
  ];
  const places = keysByPlace(keys).map(([place, own]) => [place, own.map((one) => one.id)]);
  expect(places).toEqual([
    [null, [2]],
    ['api', [3]],
    ['web', [4, 1]],
  ]);
});

test('origins are taken however they are put apart, each once', () => {
  expect(originsOf(' https://a.example\nhttps://b.example, https://a.example ')).toEqual([
    'https://a.example',
    'https://b.example',
  ]);
  expect(originsOf(' \n')).toEqual([]);
});

test('an entry says what is known, and nothing of what is not', () => {
  const detail = { role: 'member', projects: null, origins: [], scopes: ['read', 'report'] };
  expect(detailOf(detail)).toBe('role: member · scopes: read, report');
  expect(detailOf({ disabled: false, more: { a: 1 } })).toBe('disabled: false · more: {"a":1}');
  expect(detailOf({ agent: 'Mozilla/5.0 (X11; Linux) Firefox/140.0' })).toBe(
    'agent: Firefox, Linux',
  );
  expect(detailOf({})).toBe('');
});

test('a link is whole, whether or not the server knows its own address', () => {
  const invited = (url: string) => ({ url }) as Invited;
  const here = 'http://10.0.0.5:8002';
  expect(linkOf(invited('/join#abc'), here)).toBe('http://10.0.0.5:8002/join#abc');
  expect(linkOf(invited('https://lc.example/join#abc'), here)).toBe('https://lc.example/join#abc');
});
