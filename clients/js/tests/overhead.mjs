// What the client costs a request in which nothing fails, and a report: `npm run overhead`.
// It fails when a request costs more than it may.

import { init, reportError } from 'log-center';
import { errorHandler, requestMiddleware } from 'log-center/express';
import { requestMiddleware as koaMiddleware } from 'log-center/koa';
import { startStub } from './program.mjs';

const ROUNDS = 7;
const CALLS = 20_000;
const REQUEST_US_MAX = 50;

const stub = await startStub();
init({ url: stub.url, project: 'overhead', onUncaught: 'off' });

const headers = { host: 'shop.example', 'user-agent': 'test', accept: '*/*' };
const express = requestMiddleware();
const koa = koaMiddleware();
const response = { headersSent: false, setHeader() {}, removeHeader() {} };
const nothing = () => {};
errorHandler();

/** Microseconds of one call: the median of several rounds. */
async function measure(work) {
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const began = process.hrtime.bigint();
    for (let call = 0; call < CALLS; call += 1) await work();
    rounds.push(Number(process.hrtime.bigint() - began) / CALLS / 1e3);
  }
  return rounds.sort((a, b) => a - b)[ROUNDS >> 1];
}

const empty = await measure(nothing);
const rows = {
  'Express, Nest, Node: a request': await measure(() => {
    const request = { method: 'GET', url: '/orders/1', headers, params: {} };
    express(request, response, nothing);
    request.params = { id: '1' };
  }),
  'Koa: a request': await measure(() => {
    const ctx = { req: {}, res: response, request: { headers }, state: {}, set() {} };
    return koa(ctx, async () => {});
  }),
};
for (const [name, time] of Object.entries(rows)) {
  const cost = time - empty;
  console.log(`${name}: ${cost.toFixed(1)} µs`);
  if (cost > REQUEST_US_MAX) process.exitCode = 1;
}

let count = 0;
const reported = await measure(() => {
  // One in a hundred is a place of its own; the others are folded.
  const error = new Error('x');
  if ((count += 1) % 100 === 0) error.stack = `Error: x\n    at f (/a/${count}.js:1:1)`;
  reportError(error);
});
console.log(`an error in a storm: ${reported.toFixed(1)} µs`);
await stub.stop();
process.exit();
