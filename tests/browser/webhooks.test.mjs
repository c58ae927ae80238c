// What a webhook gets, verified with the public library of Standard Webhooks.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { startProgram } from './program.mjs';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
let program, server;
const got = [];

before(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    got.push({ headers: request.headers, body });
    server.emit('message');
    response.writeHead(204).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  program = await startProgram({ flags: ['--notify-allow', '127.0.0.1'] });
});

after(async () => {
  server?.close();
  await program?.stop();
});

test('the library takes what was sent, and nothing that was changed', async () => {
  const url = `http://127.0.0.1:${server.address().port}/hook`;
  const body = JSON.stringify({ name: 'own', kind: 'webhook', url, secret: SECRET });
  const headers = { 'Content-Type': 'application/json' };
  const made = await fetch(`${program.url}/api/v1/channels`, { method: 'POST', headers, body });
  assert.equal(made.status, 201);
  const message = once(server, 'message');
  await program.report({ error: { message: 'цена 数 😀' } });
  await message;
  const webhook = new Webhook(SECRET);
  const read = webhook.verify(got[0].body, got[0].headers);
  assert.equal(read.type, 'issue.created');
  assert.equal(read.data.message, 'цена 数 😀');
  assert.throws(() => webhook.verify(got[0].body.replace('цена', 'cena'), got[0].headers));
  const other = new Webhook('whsec_' + Buffer.alloc(24, 7).toString('base64'));
  assert.throws(() => other.verify(got[0].body, got[0].headers));
});
