// One request through several services, and errors of workers.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { freePort } from './broker.mjs';
import { run, startLogCenter, startStub } from './program.mjs';

let center;
let back;
let front;
let url;
let gone;

before(async () => {
  center = await startLogCenter();
  back = await startStub(() => ({ status: 500 }));
  gone = `http://127.0.0.1:${await freePort()}`;
  front = run('tests/programs/front.mjs', {
    env: {
      LOG_CENTER_URL: center.url,
      BACK_URL: back.url,
      GONE_URL: gone,
      ENVIRONMENT: 'production',
    },
  });
  url = await front.listening();
});
after(async () => {
  await front.stop();
  await back.stop();
  await center.stop();
});

const get = async (path, id) => {
  const answer = await fetch(url + path, { headers: { 'x-request-id': id } });
  return { status: answer.status, body: await answer.json() };
};
const heard = (path) => back.got.find((one) => one.path === path).headers['x-request-id'];

test('fetch carries the id of the request it belongs to', async () => {
  await get('/fetch', 'across-fetch');
  assert.equal(heard('/fetch'), 'across-fetch');
});

test('an id that the program chose itself stays', async () => {
  await get('/own', 'across-own');
  assert.equal(heard('/own'), 'chosen');
});

test('axios carries the id; its failure is reported once, answered as 502', async () => {
  const { status, body } = await get('/axios', 'across-axios');
  assert.equal(heard('/axios'), 'across-axios');
  assert.equal(status, 502);
  assert.deepEqual([body.code, body.requestId], ['RequestError', 'across-axios']);
  const events = await center.eventsOf('across-axios');
  assert.equal(events.length, 1, 'interceptor and error handler saw the same error');
  const { error, context } = events[0];
  assert.equal(error.code, 'RequestError');
  assert.equal(error.file_path, 'tests/programs/front.mjs');
  assert.equal(error.line_number, 21);
  assert.equal(context.info.url, `${back.url}/axios`);
  assert.equal(context.info.status, 500);
});

test('a service that is away is a RequestError with its cause', async () => {
  const { status } = await get('/gone', 'across-gone');
  assert.equal(status, 502);
  const [{ error, context }] = await center.eventsOf('across-gone');
  assert.equal(error.code, 'RequestError');
  assert.equal(error.file_path, 'tests/programs/front.mjs');
  assert.ok(context.originalError.cause.message);
  const { method, url: asked, cause } = context.info;
  assert.deepEqual([method, asked, cause], ['GET', `${gone}/orders?page=2`, 'ECONNREFUSED']);
});

test('no report is mistaken for a request of the program', async () => {
  await get('/gone', 'across-last');
  await center.eventsOf('across-last');
  assert.ok(back.got.every((one) => !one.path.includes('/logs/report')));
});

test('the error of a worker arrives, and its parent hears of it as before', async () => {
  const program = run('tests/programs/worker.mjs', { env: { LOG_CENTER_URL: center.url } });
  assert.equal(await program.ended(), 0);
  assert.match(program.output.join(''), /the parent heard: in the worker/);
  const [event] = await center.eventsIn('worker');
  assert.equal(event.error.file_path, 'tests/programs/worker.mjs');
});
