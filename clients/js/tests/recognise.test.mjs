// What errors of other libraries mean. Shapes as the libraries make them; where a library is
// installed here, its own error.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recognise } from '../dist/esm/rules.js';
import * as own from '../dist/esm/errors.js';

const error = (name, more = {}, message = 'it failed') =>
  Object.assign(new Error(message), name ? { name } : {}, more);
const named = (name, more, message) => {
  const Made = { [name]: class extends Error {} }[name];
  return Object.assign(new Made(message ?? 'it failed'), more);
};

/** As Prisma and TypeORM throw them. */
const prisma = (code) =>
  error('PrismaClientKnownRequestError', { code, clientVersion: '7' });
const typeorm = (driverError) => named('QueryFailedError', { driverError });

const U = 'DatabaseUniqueError';
const C = 'DatabaseConnectionError';
const D = 'DatabaseError';
const V = 'ValidationError';
const R = 'RequestError';
const T = 'RequestTimeoutError';

test('errors of databases', () => {
  const cases = [
    [error('SequelizeUniqueConstraintError', { errors: [] }), U],
    [error('SequelizeConnectionRefusedError'), C],
    [error('SequelizeConnectionAcquireTimeoutError'), C],
    [error('SequelizeValidationError', { errors: [{ path: 'a', message: 'b' }] }), V],
    [error('SequelizeForeignKeyConstraintError'), D],
    [prisma('P2002'), U],
    [prisma('P1001'), C],
    [prisma('P2025'), 'NotFoundError'],
    [error('PrismaClientInitializationError'), C],
    [error('PrismaClientValidationError'), D],
    [typeorm(error('error', { code: '23505', severity: 'x' })), U],
    [typeorm(error('', { code: 'ER_NO_SUCH_TABLE' })), D],
    [named('EntityNotFoundError', {}), 'NotFoundError'],
    [error('error', { code: '23505', severity: 'ERROR' }), U],
    [error('error', { code: '57P01', severity: 'FATAL' }), C],
    [error('error', { code: '42P01', severity: 'ERROR' }), D],
    [error('', {}, 'timeout expired'), C],
    [error('', { code: 'ER_DUP_ENTRY' }), U],
    [error('', { code: 'PROTOCOL_CONNECTION_LOST' }), C],
    [error('', { code: 'ER_PARSE_ERROR' }), D],
    [error('', { code: 'SQLITE_CONSTRAINT_UNIQUE' }), U],
    [error('MongoServerError', { code: 11000, keyPattern: { a: 1 } }), U],
    [error('MongooseServerSelectionError'), C],
    [error('MongoNetworkError'), C],
    [error('MongooseError', {}, 'Operation `a.find()` buffering timed out after 10000ms'), C],
    [error('MongoServerError', { code: 2 }), D],
    [error('KnexTimeoutError'), C],
    [error('MaxRetriesPerRequestError'), C],
    [error('', {}, 'Connection is closed.'), C],
    [error('ReplyError', {}, 'WRONGTYPE'), D],
    [error('', { code: 'ECONNREFUSED', port: 5432 }), C],
    [new AggregateError([error('', { code: 'ECONNREFUSED', port: 6379 })]), 'AppError'],
    [Object.assign(new AggregateError([error('', { port: 6379 })]), { code: 'ECONNREFUSED' }), C],
  ];
  for (const [one, code] of cases) assert.equal(recognise(one).code, code, one.name + one.message);
});

test('errors of validators, with the fields that were wrong', () => {
  const issue = { path: ['items', 0, 'price'], message: 'wrong' };
  const expected = { errors: [{ field: 'items.0.price', message: 'wrong' }] };
  const keyed = { path: [{ key: 'items' }, { key: 0 }, { key: 'price' }], message: 'wrong' };
  const cases = [
    error('ZodError', { issues: [issue] }),
    error('ValiError', { issues: [keyed] }),
    error('ValidationError', { isJoi: true, details: [issue] }),
    error('ValidationError', { inner: [{ path: 'items.0.price', message: 'wrong' }] }),
    error('', { ajv: true, errors: [{ instancePath: '/items/0/price', message: 'wrong' }] }),
    error('ValidationError', { errors: { 'items.0.price': { message: 'wrong' } } }),
    [{ property: 'items', children: [
      { property: '0', children: [{ property: 'price', constraints: { a: 'wrong' } }] },
    ] }],
  ];
  for (const one of cases) {
    const { code, info, status, isExpected } = recognise(one);
    assert.deepEqual({ code, info, status }, { code: V, info: expected, status: 400 });
    assert.ok(isExpected);
  }
  assert.equal(recognise(error('CastError', { path: 'a', value: 1 })).code, V);
  const parse = error('SyntaxError', { type: 'entity.parse.failed', status: 400, expose: true });
  assert.equal(recognise(parse).code, V);
});

test('errors of requests to other services', () => {
  const axios = (more) => error('AxiosError', { isAxiosError: true, config: {}, ...more });
  const late = { signal: { reason: { name: 'TimeoutError' } } };
  const cases = [
    [axios({ code: 'ECONNABORTED' }), T],
    [axios({ code: 'ERR_BAD_RESPONSE', response: { status: 500 }, status: 500 }), R],
    [axios({ code: 'ERR_BAD_REQUEST', response: { status: 404 }, status: 404 }), R],
    [axios({ code: 'ECONNREFUSED', port: 5432, name: 'Error' }), R],
    [axios({ code: 'ERR_CANCELED', config: late }), T],
    [new TypeError('fetch failed', { cause: error('', { code: 'ENOTFOUND' }) }), R],
    [new TypeError('fetch failed', { cause: error('', { code: 'UND_ERR_CONNECT_TIMEOUT' }) }), T],
    [new DOMException('late', 'TimeoutError'), T],
    [error('HTTPError', { response: {} }), R],
    [error('', { code: 'ECONNREFUSED', port: 8080 }), R],
  ];
  for (const [one, code] of cases) assert.equal(recognise(one).code, code, one.name + one.code);
  const given = recognise(axios({ code: 'ERR_CANCELED' }));
  assert.ok(given.isCancelled);
  assert.ok(recognise(new DOMException('stop', 'AbortError')).isCancelled);
});

test('errors that carry the status they want', () => {
  const cases = [
    [error('', { status: 404, expose: true }), 'NotFoundError', 404, true],
    [error('', { statusCode: 503 }), 'AppError', 503, false],
    [error('', { getStatus: () => 409, getResponse: () => ({}) }), 'ConflictError', 409, true],
    [error('', { getStatus: () => 500, getResponse: () => ({}) }), 'AppError', 500, false],
    [error('', { getError: () => 'no' }), 'AppBadRequest', 400, true],
    [error('TokenExpiredError'), 'AuthError', 401, true],
    [error('GraphQLError', { extensions: { code: 'FORBIDDEN' } }), 'ForbiddenError', 403, true],
    [error('GraphQLError', { extensions: { code: 'BAD_USER_INPUT' } }), V, 400, true],
    [error('TypeError'), 'AppError', 500, false],
    ['a text', 'AppError', 500, false],
    [null, 'AppError', 500, false],
  ];
  for (const [one, code, status, isExpected] of cases) {
    const found = recognise(one);
    assert.deepEqual([found.code, found.status, found.isExpected], [code, status, isExpected]);
  }
});

test('the cause counts where the wrapper says nothing', () => {
  const cause = error('error', { code: '23505', severity: 'ERROR' });
  assert.equal(recognise(new Error('saving failed', { cause })).code, U);
  const cycle = new Error('a');
  cycle.cause = cycle;
  assert.equal(recognise(cycle).code, 'AppError');
});

test('own errors have their code, status and details; so have classes made of them', () => {
  class OutOfStock extends own.AppError {
    static code = 'OutOfStock';
  }
  class Late extends own.RequestTimeoutError {}
  const stock = new OutOfStock('none left', { status: 409, info: { left: 0 }, data: { id: 1 } });
  const { code, status, info, data } = recognise(stock);
  assert.deepEqual([code, status, info, data], ['OutOfStock', 409, { left: 0 }, { id: 1 }]);
  assert.equal(stock.name, 'OutOfStock');
  assert.equal(recognise(new Late('x')).status, 504);
  assert.ok(new own.DatabaseUniqueError('x') instanceof own.DatabaseError);
  const statuses = [
    ['ValidationError', 400], ['AppBadRequest', 400], ['AuthError', 401], ['ForbiddenError', 403],
    ['NotFoundError', 404], ['ConflictError', 409], ['RateLimitError', 429],
    ['DatabaseUniqueError', 409], ['DatabaseError', 500], ['DatabaseConnectionError', 503],
    ['RequestError', 502], ['RequestTimeoutError', 504], ['AppError', 500],
  ];
  for (const [name, expected] of statuses) {
    assert.equal(recognise(new own[name]('x')).status, expected, name);
  }
});
