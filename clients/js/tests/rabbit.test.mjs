// Messages of a real RabbitMQ: Nest's microservice, and golevelup's subscriptions, which put a
// message that fails back into the queue and so meet the same error for ever.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { isBrokerInstalled, startBroker } from './broker.mjs';
import { CLIENT, run, startLogCenter, until } from './program.mjs';

const FILE = 'examples/nest-rabbit.ts';
const require = createRequire(import.meta.url);
const skip = isBrokerInstalled ? false : 'rabbitmq-server is not installed';

let broker;
let center;
let program;
let connection;

before(async () => {
  if (skip) return;
  [broker, center] = await Promise.all([startBroker(), startLogCenter()]);
  program = run('tests/.cache/examples/nest-rabbit.js', {
    args: ['--enable-source-maps'],
    env: { LOG_CENTER_URL: center.url, RABBIT_URL: broker.url, ENVIRONMENT: 'production' },
  });
  await program.listening();
  connection = await require('amqplib').connect(broker.url);
});
after(async () => {
  await connection?.close();
  await program?.stop();
  await center?.stop();
  await broker?.stop();
});

function check(event) {
  const lines = readFileSync(join(CLIENT, FILE), 'utf8').split('\n');
  assert.equal(event.error.type, 'TypeError');
  assert.equal(event.error.code, 'AppError');
  assert.equal(event.level, 'ERROR');
  assert.equal(event.error.file_path, FILE);
  const line = lines.findIndex((one) => one.includes('order.lines.reduce')) + 1;
  assert.equal(event.error.line_number, line);
}

/** Sends to a queue of Nest's, and checks the answer and the report. */
async function checkQueue(queue, requestId) {
  const { ClientProxyFactory, Transport, RmqRecordBuilder } = require('@nestjs/microservices');
  const options = { urls: [broker.url], queue };
  const client = ClientProxyFactory.create({ transport: Transport.RMQ, options });
  const headers = { 'x-request-id': requestId };
  const record = new RmqRecordBuilder({ customer: 'ann' }).setOptions({ headers }).build();
  const failure = await new Promise((done) => {
    client.send('order.total', record).subscribe({ next: done, error: done });
  });
  client.close();
  assert.deepEqual(failure, { status: 'error', message: 'Internal server error' });
  const [event, ...others] = await center.eventsOf(requestId);
  assert.equal(others.length, 0);
  const { rpc } = event.context;
  assert.deepEqual([rpc.pattern, rpc.data], ['order.total', { customer: 'ann' }]);
  return event;
}

test('Nest over RabbitMQ: the caller is answered, the error reported', { skip }, async () => {
  check(await checkQueue('totals', 'rabbit-total'));
});

for (const version of [10, 12]) {
  test(`Nest ${version} over RabbitMQ: the same`, { skip }, async (t) => {
    const queue = `totals-${version}`;
    const other = run('tests/programs/rabbit.mjs', {
      args: ['--import', './tests/versions.mjs'],
      env: {
        LOG_CENTER_URL: center.url,
        LOG_CENTER_TEST_FOLDER: join(CLIENT, `tests/nest${version}`),
        RABBIT_URL: broker.url,
        RABBIT_QUEUE: queue,
      },
    });
    t.after(() => other.stop());
    await other.listening();
    const event = await checkQueue(queue, `rabbit-total-${version}`);
    assert.equal(event.error.file_path, 'tests/programs/rabbit.mjs');
  });
}

test('golevelup: a message that fails for ever does not flood Log Center', { skip }, async () => {
  const channel = await connection.createChannel();
  const body = Buffer.from(JSON.stringify({ customer: 'bob' }));
  const headers = { 'x-request-id': 'rabbit-made' };
  channel.publish('orders', 'order.made', body, { headers });
  const folded = await until(async () => {
    const events = await center.eventsOf('rabbit-made');
    return events.find((one) => one.context.folded > 0);
  }, 'a report that stands for others');
  check(folded);
  const { rpc } = folded.context;
  assert.deepEqual([rpc.transport, rpc.pattern], ['rmq', 'order.made']);
  const events = await center.eventsOf('rabbit-made');
  console.log(`${folded.context.folded} failures more, ${events.length} reports`);
  assert.ok(events.length <= 10, `${events.length} reports`);
  // Still there, as golevelup promises: not acknowledged, not lost.
  await program.stop();
  const { messageCount } = await until(async () => {
    const queue = await channel.checkQueue('invoices');
    return queue.messageCount === 1 && queue;
  }, 'the message in its queue');
  assert.equal(messageCount, 1);
});
