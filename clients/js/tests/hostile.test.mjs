// Errors, values and options that fight back: nothing comes out of the client, and a report still
// leaves.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import vm from 'node:vm';
import * as client from 'log-center';
import { safe } from '../dist/esm/safe.js';
import { startStub } from './program.mjs';

/** Nothing makes a text of it. */
const mute = Object.create(null);
const refuse = () => {
  throw mute;
};
let stub;
let sent = 0;

before(async () => {
  stub = await startStub();
});
after(async () => {
  await client.close(1);
  await stub.stop();
});

const start = (options = {}) =>
  client.init({ url: stub.url, project: 'hostile', onUncaught: 'off', ...options });

/** What arrived since the last time. */
async function arrived() {
  await client.flush();
  const fresh = stub.reports.slice(sent);
  sent = stub.reports.length;
  return fresh;
}

test('an error whose members throw is reported', async () => {
  start();
  for (const name of ['name', 'message', 'stack', 'code', 'cause', 'errors', 'status']) {
    const error = Object.defineProperty(new Error('x'), name, { get: refuse });
    assert.ok(client.reportError(error), name);
    assert.equal((await arrived()).length, 1, name);
  }
});

test('an error whose members are no texts keeps its place', async () => {
  start();
  for (const name of ['name', 'message']) {
    for (const value of [mute, Symbol('s'), { a: 1 }]) {
      client.reportError(Object.defineProperty(new Error('x'), name, { value }));
      const [report] = await arrived();
      assert.equal(report.error.file_path, 'tests/hostile.test.mjs');
    }
  }
});

test('proxies and values that are no errors harm nobody', async () => {
  start();
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const traps = { get: refuse, getPrototypeOf: refuse, has: refuse, ownKeys: refuse };
  const thrown = [new Proxy(new Error('p'), traps), revoked.proxy, null, undefined, () => 1];
  for (const one of [...thrown, Symbol('s'), 12n, mute, [], Object.freeze(new Error('f'))]) {
    client.reportError(one);
    assert.ok(client.formatError(one).code);
    assert.ok(client.httpStatus(one) >= 400);
  }
});

test('context, user, tags and breadcrumbs that fight back cost no report', async () => {
  await arrived();
  start();
  const broken = { get request_id() { return refuse(); }, kept: 1 };
  assert.equal(client.withContext(null, () => 5), 5);
  client.withContext(broken, () => {
    client.setTag(mute, 1);
    client.setUser({ get id() { return refuse(); } });
    client.addBreadcrumb(null);
    client.addBreadcrumb('clicked');
    client.addBreadcrumb({ get message() { return refuse(); } });
    client.reportError(new Error('q'), { get a() { return refuse(); }, b: 2 });
    client.captureMessage(mute);
    client.captureMessage(Symbol('m'));
    client.captureException(new Error('r'), null);
    client.reportError(new Error('t'), 'a text');
  });
  const reports = await arrived();
  assert.equal(reports.length, 5);
  assert.equal(reports[0].context.kept, 1);
  assert.equal(reports[0].context.b, 2);
  assert.equal(reports[4].context.details, 'a text');
});

test('options that make no sense leave the default', async () => {
  client.init(null);
  await arrived();
  const odd = [
    { ignore: 'nothing like it' }, { scrub: 'x' }, { scrub: [mute] }, { inApp: 5 }, { rootDir: 5 },
    { timeout: 1e12 }, { maxQueue: 0.5 }, { environment: mute }, { level: Symbol('l') },
    { project: '..' }, { beforeSend: 5 }, { beforeSend: () => 5 }, { beforeSend: refuse },
    { beforeSend: async (report) => report }, { beforeSend: (report) => ({ ...report, own: 1n }) },
    { beforeSend: (report) => ({ ...report, context: null }) },
  ];
  for (const options of odd) {
    start(options);
    client.reportError(new Error('opt'));
    const [report] = await arrived();
    assert.equal(report?.error.message, 'opt', Object.keys(options)[0]);
    assert.ok(report.context, Object.keys(options)[0]);
  }
});

test('lists in lists, of few but shared values, are cut', () => {
  let shared = Array(100).fill(7);
  for (let depth = 0; depth < 4; depth += 1) shared = Array(100).fill(shared);
  assert.ok(JSON.stringify(safe({ shared })).length < 250_000);
});

test('an error of another realm keeps its own members to itself', () => {
  const error = vm.runInNewContext('Object.assign(new Error("e"), { config: { pin: 1 } })');
  assert.equal(JSON.stringify(safe({ error }).error), '{"type":"Error","message":"e"}');
});
