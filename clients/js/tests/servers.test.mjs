// Every server framework, each example started for real: what nobody caught arrives with the
// request that caused it, and the caller has the id that finds it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CLIENT, run, startLogCenter, until } from './program.mjs';

let center;
before(async () => {
  center = await startLogCenter();
});
after(() => center.stop());

/** Starts an example and ends it with the test. */
async function start(t, file, { alias, env = {} } = {}) {
  const more = alias ? { LOG_CENTER_TEST_ALIAS: alias } : {};
  const program = run(file, {
    args: alias ? ['--import', './tests/versions.mjs'] : [],
    env: { LOG_CENTER_URL: center.url, ENVIRONMENT: 'production', ...more, ...env },
  });
  t.after(() => program.stop());
  return { url: (await program.listening()).replace(/\/$/, ''), program };
}

/** The line of an example that holds a text. */
const lineOf = (file, text) =>
  readFileSync(join(CLIENT, file), 'utf8').split('\n').findIndex((one) => one.includes(text)) + 1;

const order = (url, id, headers = {}) =>
  fetch(`${url}/orders/${id}?coupon=SUMMER`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-user': 'ann', ...headers },
    body: JSON.stringify({ customer: 'ann', password: 'hunter22' }),
  });

const SERVERS = [
  { name: 'Express 5', file: 'examples/express.mjs', structured: true, params: true },
  { name: 'Express 4', file: 'examples/express4.mjs', alias: 'express=express4', params: true },
  { name: 'Koa 3', file: 'examples/koa.mjs' },
  { name: 'Koa 3, structured', file: 'examples/koa.mjs', structured: true },
  { name: 'Koa 2', file: 'examples/koa.mjs', alias: 'koa=koa2' },
  { name: 'Fastify 5', file: 'examples/fastify.mjs', structured: true },
  { name: 'Fastify 4', file: 'examples/fastify.mjs', alias: 'fastify=fastify4', structured: true },
];

for (const { name, file, alias, structured } of SERVERS) {
  test(`${name}: an uncaught error arrives with its request`, async (t) => {
    const env = structured ? { ANSWER: 'structured' } : {};
    const { url, program } = await start(t, file, { alias, env });
    const answer = await order(url, 17);
    assert.equal(answer.status, 500);
    const id = answer.headers.get('x-request-id');
    assert.match(id ?? '', /^[0-9a-f-]{36}$/);
    const text = await answer.text();
    assert.ok(!text.includes('reduce') || !structured, 'the inside stays inside');
    if (structured) {
      const body = JSON.parse(text);
      assert.deepEqual(body, {
        code: 'AppError',
        message: 'Internal server error',
        info: null,
        data: null,
        requestId: id,
      });
    }

    const [event, ...others] = await center.eventsOf(id);
    assert.equal(others.length, 0, 'reported once');
    assert.equal(event.error.type, 'TypeError');
    assert.match(event.error.message, /reading 'reduce'/);
    assert.equal(event.error.code, 'AppError');
    assert.equal(event.level, 'ERROR');
    assert.equal(event.error.file_path, file);
    assert.equal(event.error.line_number, lineOf(file, 'order.lines.reduce'));
    assert.equal(event.request_id, id);
    assert.equal(event.user_id, 'ann');
    const { context } = event;
    assert.equal(context.method, 'POST');
    assert.equal(context.url, `${url}/orders/17?coupon=SUMMER`);
    assert.deepEqual(context.query, { coupon: 'SUMMER' });
    assert.deepEqual(context.params, { id: '17' });
    assert.deepEqual(context.body, { customer: 'ann', password: '[scrubbed]' });
    assert.equal(context.headers['x-user'], 'ann');
    assert.equal(program.child.exitCode, null, 'the program lives');
  });

  test(`${name}: codes, levels and ids are the caller's and the error's own`, async (t) => {
    const { url } = await start(t, file, { alias });
    const id = `given-${name.replace(/\W/g, '-')}`;
    const answer = await order(url, 0, { 'x-request-id': id });
    await answer.text();
    assert.equal(answer.headers.get('x-request-id'), id);
    const [event] = await center.eventsOf(id);
    assert.equal(event.error.type, 'DatabaseConnectionError');
    assert.equal(event.error.code, 'DatabaseConnectionError');
    assert.equal(event.level, 'CRITICAL');

    const absent = await fetch(`${url}/nothing`, { headers: { 'x-request-id': `${id}-404` } });
    assert.equal(absent.status, 404);
    const broken = await fetch(`${url}/orders/1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': `${id}-400` },
      body: '{"half',
    });
    assert.equal(broken.status, 400);
    // Reports leave in order: when this one is there, those two would be.
    const last = await order(url, 0, { 'x-request-id': `${id}-last` });
    await last.text();
    await center.eventsOf(`${id}-last`);
    for (const status of [404, 400]) {
      const path = `/api/v1/events?request_id=${id}-${status}`;
      const { items } = await center.ask(path);
      assert.equal(items.length, 0, `${status} is no error of the program`);
    }
  });
}

const ask = (url, query, headers = {}, variables = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-user': 'ann', ...headers },
    body: JSON.stringify({ query, variables }),
  });

const APOLLOS = [['Apollo Server 5', ''], ['Apollo Server 4', '@apollo/server=apollo4']];

for (const [name, alias] of APOLLOS) {
  test(`${name}: a resolver's error arrives with its arguments and root`, async (t) => {
    const file = 'examples/apollo.mjs';
    const { url } = await start(t, file, { alias });
    const query = 'query Total($id: ID!) { order(id: $id) { total(currency: "EUR") } shop }';
    const answer = await ask(url, query, {}, { id: '17' });
    const id = answer.headers.get('x-request-id');
    const body = await answer.json();
    assert.deepEqual(body.data, { order: { total: null }, shop: 'open' }, 'what succeeded stays');
    assert.deepEqual(body.errors[0].extensions, {
      code: 'AppError', info: null, data: null, requestId: id,
    });
    assert.equal(body.errors[0].message, 'Internal server error');

    const [event, ...others] = await center.eventsOf(id);
    assert.equal(others.length, 0);
    assert.equal(event.error.type, 'TypeError');
    assert.equal(event.error.code, 'AppError');
    assert.equal(event.level, 'ERROR');
    assert.equal(event.error.file_path, file);
    assert.equal(event.error.line_number, lineOf(file, 'order.lines.reduce'));
    assert.equal(event.user_id, 'ann');
    const { graphql, headers } = event.context;
    assert.equal(headers['x-user'], 'ann');
    assert.equal(graphql.field, 'Order.total');
    assert.equal(graphql.path, 'order.total');
    assert.deepEqual(graphql.args, { currency: 'EUR' });
    assert.deepEqual(graphql.root, { id: '17' });
    assert.deepEqual(graphql.variables, { id: '17' });
  });

  test(`${name}: refusals and unreadable queries are answered, not reported`, async (t) => {
    const { url } = await start(t, 'examples/apollo.mjs', { alias });
    const id = `apollo-${alias.length}`;
    const refused = await (await ask(url, '{ secret }', { 'x-request-id': id })).json();
    assert.equal(refused.errors[0].extensions.code, 'ForbiddenError');
    assert.equal(refused.errors[0].message, 'not for you');
    const wrong = await (await ask(url, '{ nothing }', { 'x-request-id': id })).json();
    assert.equal(wrong.errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
    const last = '{ order(id: 1) { total } }';
    await (await ask(url, last, { 'x-request-id': id })).json();
    // Reports leave in order: when this one is there, the others would be.
    const types = await until(async () => {
      const found = (await center.eventsOf(id)).map((one) => one.error.type);
      return found.includes('TypeError') && found;
    });
    assert.deepEqual(types, ['TypeError']);
  });
}

test('a cron job: reported under its name, and the program ends as it would', async () => {
  const program = run('examples/script.mjs', { env: { LOG_CENTER_URL: center.url } });
  assert.equal(await program.ended(), 1);
  const [event, ...others] = await center.eventsIn('nightly');
  assert.equal(others.length, 0);
  assert.equal(event.error.type, 'TypeError');
  assert.equal(event.error.file_path, 'examples/script.mjs');
  assert.equal(event.error.line_number, lineOf('examples/script.mjs', 'order.lines.reduce'));
  assert.equal(event.context.component, 'invoices');
  assert.deepEqual(event.context.tags, { month: '2026-11' });
  assert.equal(event.context.breadcrumbs[0].message, 'reading orders');
  assert.ok(event.request_id);
});
