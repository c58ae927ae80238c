// SvelteKit's and Vue's hooks by themselves: what they report, and what they hand on.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as client from 'log-center';
import { reportKitErrors } from 'log-center/svelte';
import { logCenterVue } from 'log-center/vue';
import { startStub } from './program.mjs';

let stub;
const errors = console.error;
after(async () => {
  console.error = errors;
  await client.close();
  await stub.stop();
});

test('SvelteKit: a missing page is not reported, a broken one is, with its address', async () => {
  stub = await startStub();
  console.error = () => {};
  client.init({ url: stub.url, project: 'kit', onUncaught: 'off' });
  const handle = reportKitErrors();
  const event = {
    url: { href: 'https://shop.example/orders/1' },
    route: { id: '/orders/[id]' },
    request: { method: 'GET' },
  };
  handle({ error: new Error('no page'), status: 404, message: 'Not Found', event });
  const shown = handle({ error: new Error('broken'), status: 500, message: 'Error', event });
  assert.equal(shown.message, 'Error');
  await client.flush();
  assert.deepEqual(stub.reports.map((one) => one.error.message), ['broken']);
  const { url, route, method } = stub.reports[0].context;
  assert.deepEqual([url, route, method], [event.url.href, '/orders/[id]', 'GET']);
});

test('Vue: the handler that was there is called, with the same error', async () => {
  const seen = [];
  const app = { config: { errorHandler: (...all) => seen.push(all) } };
  logCenterVue.install(app);
  const error = new Error('of a hook');
  app.config.errorHandler(error, { $options: { name: 'Cart' } }, 'mounted hook');
  assert.equal(seen[0][0], error);
  await client.flush();
  const { component, hook } = stub.reports.at(-1).context;
  assert.deepEqual([component, hook], ['Cart', 'mounted hook']);
});
