// Log Center away, slow, failing or refusing: the program goes on, and memory stays bounded.

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterEach, test } from 'node:test';
import * as client from 'log-center';
import { state } from '../dist/esm/state.js';
import { freePort } from './broker.mjs';
import { startStub, until } from './program.mjs';

let stub;

afterEach(async () => {
  await client.close(1);
  await stub?.stop();
  stub = undefined;
});

const start = (url, more = {}) =>
  client.init({ url, project: 'faults', environment: 'test', onUncaught: 'off', ...more });

/** An error of a place of its own, so that nothing is folded. */
function fail(number) {
  const error = new Error(`fault ${number}`);
  error.stack = `Error: fault ${number}\n    at f (/app/a.js:${number + 1}:1)`;
  return client.reportError(error);
}

test('reports of one turn travel as a batch, each with an event id', async () => {
  stub = await startStub();
  start(stub.url, { key: 'lc_key' });
  for (let number = 0; number < 7; number += 1) fail(number);
  assert.ok(await client.flush());
  assert.equal(stub.got.length, 1);
  assert.equal(stub.got[0].path, '/api/v1/logs/report/batch');
  assert.equal(stub.got[0].headers['x-log-center-key'], 'lc_key');
  assert.equal(new Set(stub.reports.map((one) => one.event_id)).size, 7);
});

test('a network that fails once is tried again with the same event id', async () => {
  const broken = createServer((socket) => socket.destroy());
  broken.listen(0, '127.0.0.1');
  await once(broken, 'listening');
  const { port } = broken.address();
  start(`http://127.0.0.1:${port}`);
  const id = fail(1);
  await until(() => state.client.outbox.left.length === 1 && !state.client.outbox.isHeldBack);
  broken.close();
  await client.flush(500);
  assert.ok(id);
});

test('an answer of 500 is retried once with the same id, then dropped and counted', async () => {
  stub = await startStub((count) => ({ status: count <= 2 ? 500 : 200 }));
  start(stub.url);
  const id = fail(1);
  assert.ok(await client.flush());
  assert.deepEqual(stub.reports.map((one) => one.event_id), [id, id]);
  fail(2);
  await client.flush();
  assert.equal(stub.reports[2].context.dropped, 1);
});

test('Retry-After is obeyed: what comes meanwhile is dropped and counted', async () => {
  stub = await startStub((count) => ({
    status: count === 1 ? 429 : 200,
    headers: { 'retry-after': '1' },
  }));
  start(stub.url);
  const id = fail(1);
  await until(() => stub.got.length === 1);
  await until(() => state.client.outbox.isHeldBack);
  fail(2);
  assert.equal(await client.flush(), false, 'silence holds for a flush as well');
  assert.equal(stub.got.length, 1);
  await until(() => stub.got.length === 2);
  assert.ok(stub.got[1].at - stub.got[0].at >= 990);
  assert.equal(stub.reports[1].event_id, id, 'the refused one is tried once more');
  assert.equal(stub.reports[1].context.dropped, 1);
});

test('a report that is too large is sent once more without its context', async () => {
  stub = await startStub((count) => ({ status: count === 1 ? 413 : 200 }));
  start(stub.url);
  client.reportError(new Error('large'), { note: 'x'.repeat(5_000), request_id: 'r-413' });
  assert.ok(await client.flush());
  assert.equal(stub.reports[1].context.note, undefined);
  assert.equal(stub.reports[1].context.request_id, 'r-413');
  assert.equal(stub.reports[0].event_id, stub.reports[1].event_id);
});

test('a refused report is dropped without a retry', async () => {
  stub = await startStub(() => ({ status: 400 }));
  start(stub.url);
  fail(1);
  assert.ok(await client.flush());
  assert.equal(stub.got.length, 1);
});

test('a server that hangs is given up after the time-out', async () => {
  stub = await startStub(() => ({ status: 200, hang: true }));
  start(stub.url, { timeout: 60 });
  fail(1);
  const began = Date.now();
  assert.ok(await client.flush(5_000));
  assert.ok(stub.got.length === 3 && Date.now() - began < 2_000, 'three attempts of 60 ms');
});

test('a queue that is full drops its oldest and counts them', async () => {
  let isOpen = false;
  stub = await startStub(() => (isOpen ? { status: 200 } : { status: 200, hang: true }));
  start(stub.url, { maxQueue: 10, timeout: 200 });
  fail(0);
  await until(() => stub.got.length === 1);
  for (let number = 1; number <= 50; number += 1) fail(number);
  assert.ok(state.client.outbox.size <= 11);
  isOpen = true;
  await client.flush(5_000);
  const messages = stub.reports.map((one) => one.error.message);
  assert.equal(messages.at(-1), 'fault 50');
  assert.ok(!messages.includes('fault 5'));
  const dropped = stub.reports.reduce((sum, one) => sum + (one.context.dropped ?? 0), 0);
  assert.ok(dropped >= 35, `${dropped} dropped`);
});

test('ten thousand equal errors in a second are folded and counted', async () => {
  stub = await startStub();
  start(stub.url);
  const began = process.hrtime.bigint();
  const before = process.memoryUsage().heapUsed;
  for (let number = 0; number < 10_000; number += 1) client.reportError(new Error(`n ${number}`));
  const ms = Number(process.hrtime.bigint() - began) / 1e6;
  assert.ok(await client.flush());
  assert.ok(stub.reports.length <= 15, `${stub.reports.length} reports`);
  const folded = stub.reports.reduce((sum, one) => sum + (one.context.folded ?? 0), 0);
  assert.equal(stub.reports.length + folded, 10_000, 'each is told of');
  const heap = (process.memoryUsage().heapUsed - before) / 1e6;
  const sent = stub.reports.length;
  console.log(`10,000 errors: ${ms.toFixed(0)} ms, ${sent} reports, heap +${heap.toFixed(0)} MB`);
});

test('ten thousand different errors leave a bounded queue', async () => {
  stub = await startStub(() => ({ status: 200, hang: true }));
  start(stub.url, { timeout: 50 });
  for (let number = 0; number < 10_000; number += 1) fail(number);
  assert.ok(state.client.outbox.size <= 100);
});

test('where nobody listens nothing is thrown, and nothing keeps the program waiting', async () => {
  start(`http://127.0.0.1:${await freePort()}`);
  const began = process.hrtime.bigint();
  for (let number = 0; number < 100; number += 1) fail(number);
  const perReport = Number(process.hrtime.bigint() - began) / 100 / 1e3;
  console.log(`a report: ${perReport.toFixed(0)} µs`);
  await client.flush(2_000);
  assert.ok(state.client.outbox.isHeldBack, 'it is left alone for a while');
});

test('the key goes nowhere else, and an answer without an end is left', async () => {
  const other = await startStub();
  const headers = { location: `${other.url}/api/v1/logs/report` };
  stub = await startStub(() => ({ status: 307, headers }));
  start(stub.url, { key: 'lc_key' });
  fail(1);
  await client.flush();
  assert.equal(stub.got.length, 1);
  assert.equal(other.got.length, 0);
  await other.stop();

  let written = 0;
  const endless = createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      const more = () => {
        while (!socket.destroyed && socket.write('x'.repeat(65_536))) written += 65_536;
      };
      socket.on('drain', more);
      more();
    });
  });
  endless.listen(0, '127.0.0.1');
  await once(endless, 'listening');
  start(`http://127.0.0.1:${endless.address().port}`);
  fail(2);
  assert.ok(await client.flush());
  assert.ok(written < 50_000_000, `${written} bytes`);
  endless.close();
});
