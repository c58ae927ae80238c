// Reports from within a report, and what is left behind when requests are over.

import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { after, before, test } from 'node:test';
import * as client from 'log-center';
import { requestMiddleware } from 'log-center/express';
import { startStub, until } from './program.mjs';

let stub;
before(async () => {
  stub = await startStub();
});
after(async () => {
  await client.close(1);
  await stub.stop();
});
const start = (options = {}) =>
  client.init({ url: stub.url, project: 'reentry', onUncaught: 'off', ...options });
const types = () => stub.reports.map((one) => one.error.type);

test('functions of the program that report do not go round for ever', async () => {
  let calls = 0;
  start({
    beforeSend(report) {
      calls += 1;
      client.reportError(new TypeError('inner'));
      return report;
    },
  });
  assert.ok(client.reportError(new RangeError('outer')));
  await client.flush();
  assert.ok(calls < 20, `${calls} calls`);
  assert.ok(types().includes('RangeError') && types().includes('TypeError'));

  start({ shouldReport: (error) => Boolean(client.reportError(error)) });
  client.reportError(new EvalError('once'));
  await client.flush();
  assert.equal(types().filter((one) => one === 'EvalError').length, 1);
});

test('an error that reports another whenever it is read harms nobody', async () => {
  start();
  class Reads extends Error {
    get message() {
      client.reportError(new Reads());
      return 'read';
    }
  }
  client.reportError(new Reads());
  client.reportError(new URIError('after'));
  await client.flush();
  assert.ok(types().includes('URIError'));
});

test('requests that are over are forgotten, also those that failed', async () => {
  start();
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  const middleware = requestMiddleware();
  const requests = [];
  const response = { setHeader() {} };
  for (let number = 0; number < 300; number += 1) {
    const request = { method: 'GET', url: `/${number}`, headers: {}, weight: Array(1_000).fill(0) };
    requests.push(new WeakRef(request));
    await new Promise((done) => {
      middleware(request, response, async () => {
        client.setUser({ id: number });
        await null;
        // A place of its own, so that it is sent by itself, in the context of this request.
        const error = new Error('over');
        error.stack = `Error: over\n    at f (/app/${number % 50}.js:1:1)`;
        client.reportError(error);
        done();
      });
    });
  }
  await client.flush();
  const isForgotten = () => {
    collect();
    // The newest may still stand in a timer.
    return requests.filter((one) => one.deref()).length < 10;
  };
  await until(isForgotten, 'the end of all requests');
});
