// NestJS in its three versions: HTTP, GraphQL and messages of one application, and a gateway.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { freePort } from './broker.mjs';
import { CLIENT, run, startLogCenter, until } from './program.mjs';

const FILE = 'examples/nestjs.ts';
const VERSIONS = [[10, 'tests/nest10'], [11, ''], [12, 'tests/nest12']];
const require = createRequire(import.meta.url);

let center;
before(async () => {
  center = await startLogCenter();
});
after(() => center.stop());

async function start(t, folder, file = 'tests/.cache/examples/nestjs.js') {
  const messages = await freePort();
  const program = run(file, {
    args: ['--enable-source-maps', '--import', './tests/versions.mjs'],
    env: {
      LOG_CENTER_URL: center.url,
      ENVIRONMENT: 'production',
      MESSAGE_PORT: String(messages),
      ...(folder && { LOG_CENTER_TEST_FOLDER: join(CLIENT, folder) }),
    },
  });
  t.after(() => program.stop());
  const url = (await program.listening()).replace('[::1]', '127.0.0.1');
  return { url, messages, program };
}

const post = (url, body, headers = {}) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

function check(event, file = FILE) {
  const lines = readFileSync(join(CLIENT, file), 'utf8').split('\n');
  const line = lines.findIndex((one) => one.includes('order.lines.reduce')) + 1;
  const { type, code, file_path, line_number } = event.error;
  const found = { type, code, file_path, line_number, level: event.level };
  const expected = {
    type: 'TypeError', code: 'AppError', file_path: file, line_number: line, level: 'ERROR',
  };
  assert.deepEqual(found, expected);
}

for (const [version, folder] of VERSIONS) {
  test(`Nest ${version}: HTTP, GraphQL and messages`, async (t) => {
    const { url, messages, program } = await start(t, folder);

    await t.test('an uncaught error of a request is reported, and Nest answers', async () => {
      const sent = { customer: 'ann', password: 'hunter22' };
      const answer = await post(`${url}/orders/17?coupon=SUMMER`, sent);
      assert.equal(answer.status, 500);
      const id = answer.headers.get('x-request-id');
      const body = await answer.json();
      assert.deepEqual(body, { statusCode: 500, message: 'Internal server error' });
      const [event, ...others] = await center.eventsOf(id);
      assert.equal(others.length, 0);
      check(event);
      assert.equal(event.user_id, 'ann');
      const { method, params, query, body: seen, url: address } = event.context;
      assert.equal(method, 'POST');
      assert.deepEqual(params, { id: '17' });
      assert.deepEqual(query, { coupon: 'SUMMER' });
      assert.deepEqual(seen, { customer: 'ann', password: '[scrubbed]' });
      assert.equal(address, `${url}/orders/17?coupon=SUMMER`);
    });

    await t.test('expected exceptions are not reported; own errors answer themselves', async () => {
      const id = `nest-${version}`;
      const headers = { 'x-request-id': id };
      assert.equal((await post(`${url}/orders/404`, {}, headers)).status, 404);
      assert.equal((await post(`${url}/nowhere`, {}, headers)).status, 404);
      const refused = await post(`${url}/orders/403`, {}, headers);
      assert.equal(refused.status, 403);
      const { code, message, requestId } = await refused.json();
      assert.deepEqual([code, message, requestId], ['ForbiddenError', 'not yours', id]);
      const away = await post(`${url}/orders/0`, {}, headers);
      assert.equal(away.status, 503);
      assert.equal((await away.json()).code, 'DatabaseConnectionError');
      const events = await center.eventsOf(id);
      assert.equal(events.length, 1);
      assert.equal(events[0].level, 'CRITICAL');
    });

    await t.test('an error of a GraphQL field reaches caller and Log Center', async () => {
      const query = 'query T($id: String!) { total(id: $id) }';
      const answer = await post(`${url}/graphql`, { query, variables: { id: '17' } });
      const id = answer.headers.get('x-request-id');
      const { errors, data } = await answer.json();
      assert.equal(errors.length, 1);
      assert.deepEqual(data, { total: null });
      const [event, ...others] = await center.eventsOf(id);
      assert.equal(others.length, 0);
      check(event);
      assert.equal(event.context.graphql.field, 'Query.total');
      assert.deepEqual(event.context.graphql.args, { id: '17' });
    });

    await t.test('an error of a message is answered at once, and reported', async () => {
      const { ClientProxyFactory, Transport } = require('@nestjs/microservices');
      const options = { host: '127.0.0.1', port: messages };
      const customer = `bob ${version}`;
      const client = ClientProxyFactory.create({ transport: Transport.TCP, options });
      const failure = await new Promise((done) => {
        client.send('total', { customer }).subscribe({ next: done, error: done });
      });
      client.close();
      assert.deepEqual(failure, { status: 'error', message: 'Internal server error' });
      const rpc = await until(async () => {
        const events = await center.eventsIn('nest_shop');
        return events.find((one) => one.context.rpc?.data.customer === customer);
      });
      assert.equal(rpc.context.rpc.pattern, 'total');
      assert.ok(rpc.request_id);
      check(rpc);
    });
    assert.equal(program.child.exitCode, null);
  });
}

test('Nest: a hybrid application without the inherited filter is warned of', async () => {
  const { install } = require('log-center/nestjs');
  const said = [];
  const warn = console.warn;
  console.warn = (text) => said.push(text);
  const app = { use() {}, useGlobalFilters() {}, connectMicroservice: () => 'connected' };
  install(app);
  assert.equal(app.connectMicroservice({}), 'connected');
  app.connectMicroservice({}, { inheritAppConfig: true });
  console.warn = warn;
  assert.equal(said.length, 1);
  assert.match(said[0], /inheritAppConfig/);
});

for (const [version, folder] of VERSIONS) {
  test(`Nest ${version}: a gateway's caller is answered, and the error reported`, async (t) => {
    const { url } = await start(t, folder, 'tests/.cache/examples/nest-sockets.js');
    const { WebSocket } = require('ws');
    const socket = new WebSocket(url.replace('http', 'ws'));
    await once(socket, 'open');
    const ask = async (event, data) => {
      socket.send(JSON.stringify({ event, data }));
      const [answer] = await once(socket, 'message');
      return JSON.parse(answer);
    };
    const exception = (message) => ({ event: 'exception', data: { status: 'error', message } });
    assert.deepEqual(await ask('refused', {}), exception('not yours'));
    const customer = `eve ${version}`;
    assert.deepEqual(await ask('total', { customer }), exception('Internal server error'));
    socket.close();
    const event = await until(async () => {
      const events = await center.eventsIn('nest_sockets');
      return events.find((one) => one.context.rpc?.data.customer === customer);
    });
    check(event, 'examples/nest-sockets.ts');
    assert.deepEqual([event.context.rpc.transport, event.context.rpc.pattern], ['ws', 'total']);
    const types = (await center.eventsIn('nest_sockets')).map((one) => one.error.type);
    assert.ok(types.every((type) => type === 'TypeError'), 'a refusal is not reported');
  });
}

for (const [version, folder] of VERSIONS) {
  test(`Nest ${version}: the filter works as a provider, and in a gateway's own`, async (t) => {
    const { url } = await start(t, folder, 'tests/programs/provider.mjs');
    const answer = await fetch(`${url}/total`);
    assert.equal(answer.status, 500);
    const [event, ...others] = await center.eventsOf(answer.headers.get('x-request-id'));
    assert.equal(others.length, 0);
    assert.equal(event.error.file_path, 'tests/programs/provider.mjs');
    const { WebSocket } = require('ws');
    const socket = new WebSocket(url.replace('http', 'ws'));
    await once(socket, 'open');
    socket.send(JSON.stringify({ event: 'total', data: { version } }));
    const [heard] = await once(socket, 'message');
    assert.equal(JSON.parse(heard).event, 'exception');
    socket.close();
    await until(async () => {
      const events = await center.eventsIn('nest_provider');
      return events.some((one) => one.context.rpc?.data.version === version);
    }, 'the report of the gateway');
  });
}
