// Any value becomes JSON that may be sent: bounded, without cycles, without secrets.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSecretName, safe, safeText, scrubText } from '../dist/esm/safe.js';

test('names of secrets are known in every spelling', () => {
  const secret =
    'password passwd userPassword db_password accessToken access-token X-Api-Key apiKey ' +
    'Authorization Cookie set-cookie sessionId csrfToken client_secret privateKey cvv ' +
    'card_number credential token refresh_token pin otp 密码 пароль sig X-Amz-Signature debtorIban';
  for (const name of secret.split(' ')) assert.ok(isSecretName(name), name);
  const plain =
    'max_tokens prompt_tokens keyboard monkey author passenger_count tokenizer ' +
    'status_code primary_key user_id session_count is_secret has_password compass spinner ' +
    'hash commitHash salt design signal taliban';
  for (const name of plain.split(' ')) assert.ok(!isSecretName(name), name);
});

test('secrets are known by their look', () => {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl';
  const cases = [
    ['Authorization: Bearer abcdefgh12345', 'abcdefgh12345'],
    [`sent ${jwt} there`, 'eyJ'],
    ['postgres://app:hunter22@db/x', 'hunter22'],
    ['https://h/a?b=1&token=s3cr3ttt', 's3cr3ttt'],
    ['card 4111 1111 1111 1111 was refused', '1111'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----', 'MIIE'],
  ];
  for (const [text, secret] of cases) {
    const clean = scrubText(text);
    assert.ok(!clean.includes(secret) && clean.includes('[scrubbed]'), clean);
  }
  for (const text of ['order 1234567890123456', 'https://h/a?page=2', 'at 2026-11-29T10:00:00Z']) {
    assert.equal(scrubText(text), text);
  }
});

test('secrets in sentences, statements and connection strings are known by their names', () => {
  const found = [
    'clone https://S3cr3tXY@git.example failed',
    'connect: host=db user=app password=S3cr3tXY dbname=x',
    'Server=db;User Id=app;Password=S3cr3tXY;Encrypt=true',
    'bad body {"user":"a","password":"S3cr3tXY"}',
    JSON.stringify('{"password":"S3cr3tXY"}'),
    "bad { user: 'a', password: 'S3cr3tXY' }",
    'mutation { login(user: "a", password: "S3cr3tXY") { id } }',
    "update users set password = 'S3cr3tXY' where id = 1",
    'Authorization: S3cr3tXY',
    'Cookie: a=1; b=S3cr3tXY',
    'x-api-key: S3cr3tXY',
    'wrong password: S3cr3tXY',
    'mysql --password=S3cr3tXY --host db',
    'mysql --password S3cr3tXY --host db',
    'null value: Failing row contains (1, bob, S3cr3tXY).',
    'token ghp_S3cr3tXYabcdefghijkl',
    'https://h/cb#access_token=S3cr3tXY&a=1',
    'https://h/cb?next=https%3A%2F%2Fb%2F%3Ftoken%3DS3cr3tXY',
    'https://h/cb?pass%77ord=S3cr3tXY',
  ];
  for (const text of found) assert.ok(!scrubText(text).includes('S3cr3tXY'), scrubText(text));
  const kept = [
    'Unexpected token: punc, expected }',
    'password: is too short',
    'max_tokens=5 primary_key=7',
    "Cannot read properties of undefined (reading 'session')",
    'at Session.open (/app/session.js:12:5)',
  ];
  for (const text of kept) assert.equal(scrubText(text), text);
});

test('a name and its value are known apart as well', () => {
  const value = {
    form: [{ name: 'password', value: 'x' }, { name: 'age', value: 'y' }],
    headers: [['cookie', 'x'], ['host', 'y']],
  };
  assert.deepEqual(safe(value), {
    form: [{ name: 'password', value: '[scrubbed]' }, { name: 'age', value: 'y' }],
    headers: [['cookie', '[scrubbed]'], ['host', 'y']],
  });
});

test('secrets are replaced wherever they stand, also by own names', () => {
  const value = { headers: { authorization: 'x' }, list: [{ pwd: 1, ok: 2 }], Kundennr: '7' };
  assert.deepEqual(safe(value, ['kundennr']), {
    headers: { authorization: '[scrubbed]' },
    list: [{ pwd: '[scrubbed]', ok: 2 }],
    Kundennr: '[scrubbed]',
  });
});

test('nothing that a value does makes it throw', () => {
  const cycle = { name: 'a' };
  cycle.self = cycle;
  const value = {
    cycle,
    big: 10n,
    date: new Date(NaN),
    map: new Map([['a', 1]]),
    set: new Set([1]),
    bytes: Buffer.from('abc'),
    half: 'a\ud800b',
    nothing: undefined,
    infinite: Infinity,
    get broken() {
      throw new Error('no');
    },
    proxy: new Proxy({}, { ownKeys() { throw new Error('no'); } }),
    symbol: Symbol('s'),
    work() {},
    error: Object.assign(new Error('e'), { config: { headers: { authorization: 'x' } } }),
  };
  const text = JSON.stringify(safe(value));
  const read = JSON.parse(text);
  assert.equal(read.cycle.self, '[circular]');
  assert.equal(read.big, '10');
  assert.equal(read.date, 'Invalid Date');
  assert.deepEqual(read.map, { a: 1 });
  assert.deepEqual(read.set, [1]);
  assert.equal(read.bytes, '[3 bytes]');
  assert.equal(read.half, 'a\ufffdb');
  assert.equal(read.broken, '[unreadable]');
  assert.equal(read.proxy, '[unreadable]');
  assert.deepEqual(read.error, { type: 'Error', message: 'e' });
  assert.ok(!text.includes('authorization'));
  assert.equal(safeText({ toString() { throw new Error('no'); } }), '[no text]');
});

test('a huge value is cut to a bounded size', () => {
  const deep = { a: { b: { c: { d: { e: { f: 1 } } } } } };
  assert.equal(safe(deep).a.b.c.d.e, '[object]');
  const members = Array.from({ length: 10_000 }, (_, i) => [`k${i}`, 'x'.repeat(9000)]);
  const wide = Object.fromEntries(members);
  assert.ok(JSON.stringify(safe(wide)).length < 250_000);
  assert.equal(safe(Array.from({ length: 10_000 }, () => 1)).length, 100);
});
