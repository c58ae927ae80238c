// The client in this process, against the real Log Center.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import * as client from 'log-center';
import { startLogCenter } from './program.mjs';

let center;
let project;
let count = 0;

before(async () => {
  center = await startLogCenter();
});
after(async () => {
  await client.close();
  await center.stop();
});
beforeEach(() => {
  project = `client_${(count += 1)}`;
});

const start = (more = {}) =>
  client.init({
    url: center.url,
    project,
    environment: 'test',
    version: '1.2.3',
    commitHash: 'abc',
    onUncaught: 'off',
    ...more,
  });

async function only() {
  assert.ok(await client.flush());
  const [event] = await center.eventsIn(project);
  return event;
}

test('an error arrives with its type, message, place, code, level and context', async () => {
  start();
  const id = client.reportError(new TypeError('x is undefined'), { orderId: 7 });
  const event = await only();
  assert.equal(event.event_id.replaceAll('-', ''), id.replaceAll('-', ''));
  assert.equal(event.error.type, 'TypeError');
  assert.equal(event.error.message, 'x is undefined');
  assert.equal(event.error.file_path, 'tests/client.test.mjs');
  assert.ok(event.error.line_number > 40);
  assert.equal(event.error.code, 'AppError');
  assert.equal(event.level, 'ERROR');
  assert.equal(event.environment, 'test');
  assert.equal(event.version, '1.2.3');
  assert.equal(event.commit_hash, 'abc');
  assert.equal(event.context.orderId, 7);
  assert.ok(event.context.server_name);
});

test('the level follows the code, the map and the call, in that order', async () => {
  start({ codeLevelMap: { AuthError: 'error' } });
  client.reportError(new client.ValidationError('v'));
  client.reportError(new client.DatabaseError('d'));
  client.reportError(new client.DatabaseConnectionError('c'));
  client.reportError(new client.AuthError('a'));
  client.captureException(new client.AuthError('f'), { level: 'fatal' });
  client.captureMessage('hello', 'info');
  await client.flush();
  const events = await center.eventsIn(project, 6);
  const levels = Object.fromEntries(events.map((one) => [one.error.message, one.level]));
  assert.deepEqual(levels, {
    v: 'WARNING', d: 'ERROR', c: 'CRITICAL', a: 'ERROR', f: 'CRITICAL', hello: 'INFO',
  });
});

test('user, tags, breadcrumbs and request id belong to their own context', async () => {
  start();
  const work = (name) =>
    client.withContext({ request_id: `${project}-${name}` }, async () => {
      client.setUser({ id: name, email: `${name}@shop.example` });
      client.setTag('tenant', name);
      client.setContext('shop', { of: name });
      client.addBreadcrumb({ message: `clicked ${name}` });
      await new Promise((next) => setImmediate(next));
      client.reportError(new Error(`of ${name}`));
      return client.currentRequestId();
    });
  const ids = await Promise.all([work('ann'), work('bob')]);
  assert.deepEqual(ids, [`${project}-ann`, `${project}-bob`]);
  await client.flush();
  for (const name of ['ann', 'bob']) {
    const [event, ...others] = await center.eventsOf(`${project}-${name}`);
    assert.equal(others.length, 0);
    assert.equal(event.error.message, `of ${name}`);
    assert.equal(event.user_id, name);
    assert.deepEqual(event.context.tags, { tenant: name });
    assert.deepEqual(event.context.shop, { of: name });
    assert.equal(event.context.breadcrumbs[0].message, `clicked ${name}`);
  }
});

test('both formats of the package are one client', async () => {
  start();
  const common = createRequire(import.meta.url)('log-center');
  const error = new Error('once');
  const id = `${project}-both`;
  client.withContext({ request_id: id }, () => {
    assert.ok(common.reportError(error));
    assert.equal(client.reportError(error), undefined, 'an error is reported once');
    assert.equal(common.currentRequestId(), id);
  });
  await client.flush();
  assert.equal((await center.eventsOf(id)).length, 1);
  const foreign = new common.ValidationError('no');
  assert.equal(client.formatError(foreign).code, 'ValidationError');
});

test('the cause is kept, and its own frame is blamed if the wrapper has none', async () => {
  start();
  const cause = new RangeError('too far');
  const wrapper = new Error('wrapped', { cause });
  wrapper.stack = 'Error: wrapped\n    at lib (/app/node_modules/lib/a.js:1:1)';
  client.reportError(wrapper);
  const event = await only();
  assert.equal(event.error.file_path, 'tests/client.test.mjs');
  assert.equal(event.context.originalError.cause.type, 'RangeError');
});

test('what is thrown and is no error is reported, too', async () => {
  start();
  client.reportError('just a text');
  client.reportError(null);
  client.reportError({ a: 1 });
  await client.flush();
  const events = await center.eventsIn(project, 3);
  const messages = events.map((one) => one.error.message).sort();
  assert.deepEqual(messages, ['just a text', 'null', '{"a":1}']);
  for (const { error } of events) {
    assert.equal(error.type, 'NonError');
    assert.equal(error.file_path, 'tests/client.test.mjs');
  }
});

test('secrets never leave', async () => {
  let sent = '';
  start({ beforeSend: (report) => void (sent = JSON.stringify(report)), scrub: ['badge'] });
  const error = Object.assign(new Error('login postgres://u:hunter22@db failed'), {
    isAxiosError: true,
    config: { url: '/pay?token=s3cr3tt', headers: { Authorization: 'Bearer abcdefghijk' } },
  });
  client.reportError(error, { badge: 'B-7781', body: { password: 'hunter23' } });
  const event = await only();
  for (const text of [sent, JSON.stringify(event)]) {
    for (const secret of ['hunter', 's3cr3tt', 'abcdefghijk', 'B-7781']) {
      assert.ok(!text.includes(secret), secret);
    }
  }
  assert.equal(event.context.info.headers.Authorization, '[scrubbed]');
});

test('beforeSend changes, drops, and may fail', async () => {
  start({
    beforeSend(report, { error }) {
      if (error.message === 'drop') return null;
      if (error.message === 'fail') throw new Error('in beforeSend');
      if (error.message === 'cycle') return { ...report, context: { big: 1n } };
      return { ...report, context: { ...report.context, seen: true } };
    },
  });
  for (const message of ['drop', 'fail', 'cycle', 'keep']) client.reportError(new Error(message));
  await client.flush();
  const events = await center.eventsIn(project, 3);
  const seen = Object.fromEntries(events.map((one) => [one.error.message, one.context.seen]));
  assert.deepEqual(seen, { fail: undefined, cycle: undefined, keep: true });
});

test('ignore, level, sampleRate and enabled leave errors out', () => {
  const sent = (more, error = new Error('Broken pipe 7')) => {
    start(more);
    return client.reportError(error) !== undefined;
  };
  assert.ok(sent({}));
  assert.ok(!sent({ ignore: ['Broken pipe'] }));
  assert.ok(!sent({ ignore: [/^Error: Broken .* \d$/g] }));
  assert.ok(!sent({ ignore: ['DatabaseError'] }, new client.DatabaseError('x')));
  assert.ok(!sent({ level: 'fatal' }));
  assert.ok(!sent({ sampleRate: 0 }));
  assert.ok(!sent({ enabled: false }));
  assert.ok(!sent({ url: '' }));
});

test('formatError answers in one form, and says more in development', () => {
  const error = new client.DatabaseError('relation "x" is missing', {
    info: { sql: 'select' },
    data: { kept: 1 },
    cause: new Error('deep'),
  });
  start({ environment: 'production' });
  client.withContext({ request_id: 'r-1' }, () => {
    assert.deepEqual(client.formatError(error), {
      code: 'DatabaseError',
      message: 'Internal server error',
      info: null,
      data: { kept: 1 },
      requestId: 'r-1',
    });
  });
  const refused = new client.ValidationError('age is wrong', { info: { errors: [] } });
  assert.equal(client.formatError(refused).message, 'age is wrong');
  assert.deepEqual(client.formatError(refused).info, { errors: [] });
  assert.equal(client.httpStatus(refused), 400);
  start({ environment: 'production', exposeCodes: ['DatabaseError'] });
  assert.match(client.formatError(error).message, /relation/);
  start({ environment: 'development' });
  const open = client.formatError(error);
  assert.match(open.message, /relation/);
  assert.equal(open.originalError.type, 'DatabaseError');
  assert.equal(open.originalError.cause.message, 'deep');
});

test('options come from the environment, and given ones win', async () => {
  const names = {
    LOG_CENTER_URL: center.url,
    LOG_CENTER_PROJECT: project,
    ENVIRONMENT: 'staging',
    LOG_CENTER_VERSION: '9.9.9',
    LOG_CENTER_COMMIT_HASH: 'fedcba',
    LOG_CENTER_CODE_LEVEL_MAP: 'AuthError=fatal',
    LOG_CENTER_IGNORE: 'quiet,still',
    LOG_CENTER_ON_UNCAUGHT: 'off',
  };
  Object.assign(process.env, names);
  client.init({ version: '1.0.0' });
  for (const name of Object.keys(names)) delete process.env[name];
  assert.equal(client.reportError(new Error('be still')), undefined);
  client.reportError(new client.AuthError('who'));
  const event = await only();
  assert.equal(event.environment, 'staging');
  assert.equal(event.version, '1.0.0');
  assert.equal(event.commit_hash, 'fedcba');
  assert.equal(event.level, 'CRITICAL');
});

test('version and commit are found where nobody gives them', async () => {
  const rootDir = mkdtempSync(join(tmpdir(), 'log-center-root-'));
  const hash = 'a'.repeat(40);
  mkdirSync(join(rootDir, '.git/refs/heads'), { recursive: true });
  writeFileSync(join(rootDir, '.git/HEAD'), 'ref: refs/heads/main\n');
  writeFileSync(join(rootDir, '.git/refs/heads/main'), `${hash}\n`);
  writeFileSync(join(rootDir, 'package.json'), `{"name":"@${project}/web","version":"4.5.6"}`);
  client.init({ url: center.url, rootDir, onUncaught: 'off' });
  client.reportError(new Error('who am I'));
  await client.flush();
  const [event] = await center.eventsIn(`${project}-web`);
  rmSync(rootDir, { recursive: true });
  assert.equal(event.version, '4.5.6');
  assert.equal(event.commit_hash, hash);
});

test('watched work is reported under its name, throws on and is sent first', async () => {
  start();
  const error = new Error('no invoices');
  const job = client.watch('invoices', async (day) => {
    assert.equal(day, 'monday');
    throw error;
  });
  await assert.rejects(job('monday'), error);
  const [event] = await center.eventsIn(project);
  assert.equal(event.context.component, 'invoices');
  assert.ok(event.request_id);
});

test('an event id is sent, so that a repetition counts nothing', async () => {
  start();
  const id = randomUUID();
  const send = () => client.reportError(new Error('twice'));
  start({ beforeSend: (report) => ({ ...report, event_id: id }) });
  send();
  await client.flush();
  send();
  await client.flush();
  const { items } = await center.ask(`/api/v1/issues?project_id=${project}`);
  assert.equal(items[0].count, 1);
});
