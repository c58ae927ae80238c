// Real libraries made to fail, and what their errors mean: databases, validators, requests.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { recognise } from '../dist/esm/rules.js';
import { freePort } from './broker.mjs';

const FOLDER = join(import.meta.dirname, 'libraries');
const require = createRequire(join(FOLDER, 'package.json'));

const U = 'DatabaseUniqueError';
const C = 'DatabaseConnectionError';
const D = 'DatabaseError';
const V = 'ValidationError';
const N = 'NotFoundError';
const LATE_MS = 50;

let folder;
let closed;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'log-center-libraries-'));
  closed = await freePort();
  // A socket's error does not say that a database was meant; the program's own settings do.
  process.env.DATABASE_URL = `postgres://ann:secret@127.0.0.1:${closed}/shop`;
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** What something fails with. */
async function failure(work) {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error('it did not fail');
}

/** Makes each work fail, and compares the code that its error gets. */
async function check(cases) {
  for (const [expected, work] of cases) {
    const error = await failure(work);
    assert.equal(recognise(error).code, expected, `${work}: ${error?.name} ${error?.message}`);
  }
}

/** Which fields an error tells to be wrong. */
async function wrongFields(work) {
  const { code, info, isExpected } = recognise(await failure(work));
  assert.equal(code, V);
  assert.ok(isExpected);
  assert.ok(info.errors.every((one) => one.message), JSON.stringify(info));
  return info.errors.map((one) => one.field);
}

test('Prisma, on SQLite', async () => {
  // Prisma would fetch an engine that only migrations need.
  const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true', CHECKPOINT_DISABLE: '1' };
  const prisma = require.resolve('prisma/build/index.js');
  const words = [prisma, 'generate', '--config', 'prisma.config.mjs'];
  execFileSync(process.execPath, words, { cwd: join(FOLDER, 'prisma'), env, stdio: 'pipe' });
  const { PrismaClient } = require(join(FOLDER, 'node_modules/.prisma-shop'));
  const { PrismaLibSql } = require('@prisma/adapter-libsql');
  const adapter = new PrismaLibSql({ url: `file:${join(folder, 'prisma.db')}` });
  const shop = new PrismaClient({ adapter });
  await shop.$executeRawUnsafe(
    'CREATE TABLE Customer (id INTEGER PRIMARY KEY AUTOINCREMENT, mail TEXT UNIQUE NOT NULL)',
  );
  await shop.customer.create({ data: { mail: 'ann' } });
  await check([
    [U, () => shop.customer.create({ data: { mail: 'ann' } })],
    [N, () => shop.customer.update({ where: { id: 99 }, data: { mail: 'bob' } })],
    [N, () => shop.customer.findUniqueOrThrow({ where: { id: 99 } })],
    [D, () => shop.customer.create({ data: { nothing: 1 } })],
    [D, () => shop.$queryRawUnsafe('SELECT * FROM nothing')],
  ]);
  await shop.$disconnect();
});

test('TypeORM, on SQLite and without a server', async () => {
  const { DataSource, EntitySchema } = require('typeorm');
  const Customer = new EntitySchema({
    name: 'Customer',
    columns: { id: { type: Number, primary: true }, mail: { type: String, unique: true } },
  });
  const more = { entities: [Customer], synchronize: true, driver: require('sql.js') };
  const source = await new DataSource({ type: 'sqljs', ...more }).initialize();
  const customers = source.getRepository(Customer);
  await customers.insert({ id: 1, mail: 'ann' });
  const away = { host: '127.0.0.1', port: closed, username: 'a', password: 'b', database: 'c' };
  await check([
    [U, () => customers.insert({ id: 2, mail: 'ann' })],
    [N, () => customers.findOneByOrFail({ id: 99 })],
    [D, () => source.query('SELECT * FROM nothing')],
    [C, () => new DataSource({ type: 'postgres', ...away }).initialize()],
    [C, () => new DataSource({ type: 'mysql', ...away }).initialize()],
  ]);
  await source.destroy();
});

test('Sequelize, without a server', async () => {
  const { Sequelize, DataTypes, UniqueConstraintError } = require('sequelize');
  const more = { host: '127.0.0.1', port: closed, logging: false };
  const source = new Sequelize('shop', 'ann', 'secret', { dialect: 'mysql', ...more });
  const Customer = source.define('Customer', {
    mail: { type: DataTypes.STRING, allowNull: false, validate: { isEmail: true } },
  });
  await check([
    [C, () => source.authenticate()],
    [U, () => { throw new UniqueConstraintError({ errors: [] }); }],
  ]);
  assert.deepEqual(await wrongFields(() => Customer.build({ mail: 'ann' }).validate()), ['mail']);
});

test('Knex, pg, mysql2, without a server', async () => {
  const away = { host: '127.0.0.1', port: closed, user: 'a', password: 'b', database: 'c' };
  const knex = (client) => require('knex')({ client, connection: away });
  const { Client, Pool } = require('pg');
  const mysql = require('mysql2/promise');
  await check([
    [C, () => new Client(away).connect()],
    [C, () => mysql.createConnection(away)],
    [C, () => new Pool(away).query('SELECT 1')],
    [C, () => knex('pg').select(1).from('orders')],
    [C, () => knex('mysql2').select(1).from('orders')],
  ]);
});

test('mongoose, without a server', async () => {
  const mongoose = require('mongoose');
  mongoose.set('bufferTimeoutMS', LATE_MS);
  const lines = [{ price: { type: Number, required: true } }];
  const schema = new mongoose.Schema({ customer: { type: String, required: true }, lines });
  const Order = mongoose.model('Order', schema);
  const url = `mongodb://127.0.0.1:${closed}/shop`;
  await check([
    [C, () => mongoose.connect(url, { serverSelectionTimeoutMS: LATE_MS })],
    [C, () => mongoose.createConnection().model('Order', schema).findOne()],
  ]);
  await mongoose.disconnect();
  const order = new Order({ lines: [{ price: 'much' }] });
  const wrong = await wrongFields(() => order.validate());
  assert.deepEqual(wrong.sort(), ['customer', 'lines.0.price']);
});

test('ioredis, without a server', async () => {
  const { Redis } = require('ioredis');
  const once = { maxRetriesPerRequest: 1, retryStrategy: () => 1, lazyConnect: true };
  const redis = new Redis({ host: '127.0.0.1', port: closed, ...once });
  redis.on('error', () => {});
  const gone = new Redis({ host: '127.0.0.1', port: closed, ...once, retryStrategy: null });
  gone.on('error', () => {});
  await check([[C, () => redis.get('a')], [C, () => gone.get('a')]]);
  redis.disconnect();
});

test('zod, valibot, Joi, yup, Ajv', async () => {
  const order = { items: [{ price: 'much' }] };
  const { z } = require('zod');
  const zod = z.object({ items: z.array(z.object({ price: z.number() })) });
  const v = require('valibot');
  const valibot = v.object({ items: v.array(v.object({ price: v.number() })) });
  const Joi = require('joi');
  const joi = Joi.object({ items: Joi.array().items(Joi.object({ price: Joi.number() })) });
  const yup = require('yup');
  const shape = yup.object({ items: yup.array().of(yup.object({ price: yup.number() })) });
  const Ajv = require('ajv');
  const price = { type: 'object', properties: { price: { type: 'number' } } };
  const properties = { items: { type: 'array', items: price } };
  const ajv = new Ajv().compile({ $async: true, type: 'object', properties });
  for (const work of [
    () => zod.parse(order),
    () => v.parse(valibot, order),
    () => Joi.attempt(order, joi),
    () => joi.validateAsync(order),
    () => ajv(order),
  ]) {
    assert.deepEqual(await wrongFields(work), ['items.0.price'], String(work));
  }
  assert.deepEqual(await wrongFields(() => shape.validate(order)), ['items[0].price']);
});

test('class-validator, which rejects with what is no error', async () => {
  const { validateOrReject, IsInt, ValidateNested } = require('class-validator');
  class Line {}
  class Order {}
  IsInt()(Line.prototype, 'price');
  ValidateNested()(Order.prototype, 'line');
  const order = Object.assign(new Order(), { line: Object.assign(new Line(), { price: 'much' }) });
  assert.deepEqual(await wrongFields(() => validateOrReject(order)), ['line.price']);
});

test('jsonwebtoken', async () => {
  const jwt = require('jsonwebtoken');
  const old = jwt.sign({ exp: 1 }, 'secret');
  await check([
    ['AuthError', () => jwt.verify(old, 'secret')],
    ['AuthError', () => jwt.verify('nonsense', 'secret')],
  ]);
});

test('got and fetch', async () => {
  const server = createServer((request, response) => {
    if (request.url !== '/slow') response.writeHead(500).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  const { default: got } = await import(require.resolve('got'));
  const options = { retry: { limit: 0 } };
  const R = 'RequestError';
  const T = 'RequestTimeoutError';
  await check([
    [R, () => got(url, options)],
    [R, () => got(`http://127.0.0.1:${closed}`, options)],
    [T, () => got(`${url}/slow`, { ...options, timeout: { request: LATE_MS } })],
    [R, () => fetch(`http://127.0.0.1:${closed}`)],
    [T, () => fetch(`${url}/slow`, { signal: AbortSignal.timeout(LATE_MS) })],
  ]);
  const { info } = recognise(await failure(() => got.post(`${url}/pay`, options)));
  assert.deepEqual(info, { method: 'POST', url: `${url}/pay`, status: 500 });
  server.closeAllConnections();
  server.close();
});
