// Logging in by an OpenID Connect provider: a real one, in a browser.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import Provider from 'oidc-provider';
import { binary, startBrowser, startProgram } from './program.mjs';

const PASSWORD = 'correct horse staple battery';
const SECRET = 'a secret of 32 characters, or more';
const data = mkdtempSync(join(tmpdir(), 'log-center-oidc-'));
let program;
let browser;
let server;
let issuer;

/** A port that nobody listens on. */
async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address();
  await new Promise((done) => listener.close(done));
  return port;
}

/** A provider whose users are whoever they say, and that knows this program. */
async function startProvider(port) {
  const provider = new Provider(issuer, {
    clients: [{
      client_id: 'log-center',
      client_secret: SECRET,
      redirect_uris: [`${program.url}/login/oidc`],
    }],
    claims: { openid: ['sub'], profile: ['preferred_username'], email: ['email'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({ sub: `number-of-${id}`, preferred_username: id }),
    }),
    cookies: { keys: ['not secret, in a test'] },
  });
  server = createServer(provider.callback()).listen(port, '127.0.0.1');
  await once(server, 'listening');
}

before(async () => {
  const made = spawnSync(binary(), ['admin', 'create', 'ann', '--data', data], { input: PASSWORD });
  assert.equal(made.status, 0, String(made.stderr));
  const port = await freePort();
  issuer = `http://127.0.0.1:${port}`;
  const file = join(data, 'client.secret');
  writeFileSync(file, `${SECRET}\n`);
  program = await startProgram({
    data,
    flags: [
      '--oidc-match',
      'any',
      '--require-login', '--oidc-issuer', issuer, '--oidc-client-id', 'log-center',
      '--oidc-client-secret-file', file, '--oidc-name', 'Example',
    ],
  });
  await startProvider(port);
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  server?.closeAllConnections();
  server?.close();
  await program?.stop();
  rmSync(data, { recursive: true, force: true });
});

/** Signs in at the provider as somebody; the page is wherever that led to. */
async function signIn(page, name) {
  await page.getByRole('button', { name: 'Sign in with Example' }).click();
  await page.waitForURL(`${issuer}/**`);
  await page.locator('input[name=login]').fill(name);
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.waitForURL(`${program.url}/**`);
}

async function fresh(path) {
  const context = await browser.newContext({ locale: 'en-GB' });
  const page = await context.newPage();
  await page.goto(program.url + path);
  return page;
}

/** Who is logged in in a page. */
function whoIn(page) {
  return page.evaluate(async () => (await (await fetch('/api/v1/session')).json()).person);
}

test('a person signs in at a real provider and goes on where they wanted to', async () => {
  const page = await fresh('/issues?q=level%3Aerror');
  await signIn(page, 'ann');
  assert.equal(new URL(page.url()).pathname, '/issues');
  assert.equal((await whoIn(page)).name, 'ann');
  const [cookie] = (await page.context().cookies(program.url)).filter(
    ({ name }) => name === 'log-center',
  );
  assert.ok(cookie.httpOnly && cookie.sameSite === 'Lax');
  await page.context().close();
});

test('whoever is nobody here is told so in words', async () => {
  const page = await fresh('/login');
  await signIn(page, 'stranger');
  assert.equal(new URL(page.url()).pathname, '/login');
  const told = await page.locator('#fault').textContent();
  assert.equal(told, 'Nobody here goes by that account. Ask an administrator for an invitation.');
  assert.equal(await whoIn(page), null);
  await page.context().close();
});

test('an invitation brings somebody of the provider', async () => {
  const headers = { 'Content-Type': 'application/json', Origin: program.url };
  const ask = (path, body) => fetch(program.url + path, {
    method: 'POST', headers, body: JSON.stringify(body),
  });
  const begun = await ask('/api/v1/session', { name: 'ann', password: PASSWORD });
  headers.Cookie = begun.headers.get('set-cookie').split(';')[0];
  const { secret } = await (await ask('/api/v1/invitations', { role: 'member' })).json();
  const page = await fresh(`/join#${secret}`);
  await signIn(page, 'vera');
  const { name, role, has_password: hasPassword } = await whoIn(page);
  assert.deepEqual([name, role, hasPassword], ['vera', 'member', false]);
  await page.context().close();
});
