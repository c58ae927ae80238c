// Which requests carry the id: those that the options name.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import * as client from 'log-center';
import { idFor } from '../dist/esm/outgoing.js';

after(() => client.close(1));

const CENTER = 'http://127.0.0.1:8002';
const carries = (propagate, url) => {
  client.init({ url: CENTER, project: 'outgoing', onUncaught: 'off', propagate });
  return client.withContext({ request_id: 'r-1' }, () => idFor(url)) === 'r-1';
};

test('hosts, their subdomains, beginnings of addresses and patterns are known', () => {
  const url = 'https://api.shop.internal:8443/v1/orders';
  for (const yes of [undefined, true, ['api.shop.internal'], ['*.shop.internal'], [/orders$/],
    ['https://api.shop.internal:8443/v1']]) {
    assert.ok(carries(yes, url), String(yes));
  }
  for (const no of [false, [], ['shop.internal'], ['*.other'], ['http://api.shop.internal']]) {
    assert.ok(!carries(no, url), String(no));
  }
});

test('reports themselves never carry one', () => {
  assert.ok(!carries(true, `${CENTER}/api/v1/logs/report`));
});

test('the environment may name them', () => {
  const given = (text) => {
    process.env.LOG_CENTER_PROPAGATE = text;
    const found = carries(undefined, 'https://a.shop/x');
    delete process.env.LOG_CENTER_PROPAGATE;
    return found;
  };
  assert.deepEqual(['true', 'false', 'a.shop', '*.shop,b', 'b'].map(given),
    [true, false, true, true, false]);
});
