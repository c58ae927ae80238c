// What a report says of a request, and what it leaves out.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as client from 'log-center';
import { givenId } from '../dist/esm/scope.js';
import { describeRequest, requestMiddleware } from '../dist/esm/node/requests.js';

const request = (more = {}, headers = {}) => ({
  method: 'POST',
  url: '/orders?page=2',
  headers: { host: 'shop.example', ...headers },
  ...more,
});

before(() => client.init({ url: '', onUncaught: 'off' }));
after(() => client.close(1));

test('a request is described by its address, query and parameters', () => {
  const about = describeRequest(request({ params: { id: '1' }, route: { path: '/orders' } }));
  assert.deepEqual(about, {
    method: 'POST',
    url: 'http://shop.example/orders?page=2',
    headers: { host: 'shop.example' },
    query: { page: '2' },
    params: { id: '1' },
    route: '/orders',
  });
});

test('only small bodies go along, and none if the team says so', () => {
  const body = { note: 'x'.repeat(20_000) };
  const bodyOf = (more, headers) => describeRequest(request(more, headers)).body;
  assert.deepEqual(bodyOf({ body: { a: 1 } }), { a: 1 });
  assert.equal(bodyOf({ body }, { 'content-length': '20013' }), '[20013 bytes]');
  assert.equal(bodyOf({ body }), '[20011 characters]');
  assert.equal(bodyOf({ body: 'y'.repeat(11_000) }), '[11000 characters]');
  const form = { 'content-type': 'multipart/form-data; boundary=x' };
  assert.equal(bodyOf({ body: { file: 'a' } }, form), '[multipart]');
  client.init({ url: '', bodies: 'never', onUncaught: 'off' });
  assert.equal(bodyOf({ body: { a: 1 } }), undefined);
});

test('of a user of the framework only the id goes along', () => {
  const user = { _id: { toString: () => 'u-7' }, email: 'ann@shop.example' };
  assert.deepEqual(describeRequest(request({ user })).user, { id: 'u-7' });
});

test('a request id is the caller\'s, else that of the trace, else new', () => {
  const trace = '0af7651916cd43dd8448eb211c80319c';
  const traceparent = `00-${trace}-b7ad6b7169203331-01`;
  assert.deepEqual(givenId('a.b:c-1', traceparent), { requestId: 'a.b:c-1', traceId: trace });
  assert.deepEqual(givenId(undefined, traceparent), { requestId: trace, traceId: trace });
  for (const wrong of ['a b', 'x'.repeat(129), '<script>', '', ['a', 'b']]) {
    assert.equal(givenId(wrong, undefined).requestId, undefined);
  }
});

test('the middleware mounted twice is one scope, and touches nothing but the header', () => {
  const said = {};
  const response = { setHeader: (name, value) => { said[name] = value; } };
  const one = request();
  const middleware = requestMiddleware();
  const ids = [];
  middleware(one, response, () => {
    ids.push(client.currentRequestId());
    middleware(one, response, () => ids.push(client.currentRequestId()));
  });
  assert.equal(ids[0], ids[1]);
  assert.deepEqual(said, { 'x-request-id': ids[0] });
  assert.equal(client.currentRequestId(), undefined);
});
