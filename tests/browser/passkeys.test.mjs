// Passkeys in Chromium, with its virtual authenticator: what the API gives and takes is what a
// browser makes of it.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { binary, startBrowser, startProgram } from './program.mjs';

const PASSWORD = 'correct horse staple battery';
const data = mkdtempSync(join(tmpdir(), 'log-center-passkeys-'));
let program;
let browser;
let page;
let devtools;
let authenticatorId;

before(async () => {
  const made = spawnSync(binary(), ['admin', 'create', 'ann', '--data', data], { input: PASSWORD });
  assert.equal(made.status, 0, String(made.stderr));
  program = await startProgram({ data, flags: ['--require-login'] });
  browser = await startBrowser();
  page = await (await browser.newContext({ locale: 'en-GB' })).newPage();
  devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  ({ authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true,
      isUserVerified: true, automaticPresenceSimulation: true,
    },
  }));
  // Browsers have passkeys for names, and this machine's name is one.
  await page.goto(`${program.url.replace('127.0.0.1', 'localhost')}/login`);
});

after(async () => {
  await browser?.close();
  await program?.stop();
});

/** Asks the API from the page. */
function ask(method, path, body) {
  return page.evaluate(async ([how, where, what]) => {
    const headers = { 'Content-Type': 'application/json' };
    const answer = await fetch(where, { method: how, headers, body: what && JSON.stringify(what) });
    return { status: answer.status, json: await answer.json() };
  }, [method, path, body]);
}

/** Has the browser make a passkey, or use one. */
function credential(verb, options) {
  return page.evaluate(async ([how, what]) => {
    const read = how === 'create'
      ? PublicKeyCredential.parseCreationOptionsFromJSON(what)
      : PublicKeyCredential.parseRequestOptionsFromJSON(what);
    return (await navigator.credentials[how]({ publicKey: read })).toJSON();
  }, [verb, options]);
}

async function logInByPasskey() {
  const begun = await ask('POST', '/api/v1/session/passkey/options', {});
  assert.equal(begun.status, 200);
  const made = await credential('get', begun.json.public_key);
  return ask('POST', '/api/v1/session/passkey', { credential: made });
}

test('a passkey is made with the password and logs in without', async () => {
  assert.equal((await ask('GET', '/api/v1/session')).json.login.passkeys, true);
  const first = await ask('POST', '/api/v1/session', { name: 'ann', password: PASSWORD });
  assert.equal(first.status, 200);
  const options = '/api/v1/session/passkeys/options';
  assert.equal((await ask('POST', options, { password: 'wrong' })).status, 401);
  const begun = await ask('POST', options, { password: PASSWORD });
  const made = await credential('create', begun.json.public_key);
  const kept = await ask('POST', '/api/v1/session/passkeys', { name: 'Laptop', credential: made });
  assert.equal(kept.status, 201, JSON.stringify(kept.json));
  assert.equal((await ask('DELETE', '/api/v1/session')).status, 200);
  assert.equal((await ask('GET', '/api/v1/session')).json.person, null);

  const back = await logInByPasskey();
  assert.equal(back.status, 200, JSON.stringify(back.json));
  assert.equal((await ask('GET', '/api/v1/session')).json.person.name, 'ann');
  const { items } = (await ask('GET', '/api/v1/session/passkeys')).json;
  assert.deepEqual(items.map(({ name }) => name), ['Laptop']);
});

test('a second one of the same authenticator is not made', async () => {
  const begun = await ask('POST', '/api/v1/session/passkeys/options', { password: PASSWORD });
  await assert.rejects(credential('create', begun.json.public_key), /InvalidStateError/);
});

test('without its owner checked there is no login', async () => {
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await assert.rejects(logInByPasskey(), /NotAllowedError/);
  await devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
});

test('a copy whose count is behind is refused', async () => {
  const { credentials } = await devtools.send('WebAuthn.getCredentials', { authenticatorId });
  assert.equal((await logInByPasskey()).status, 200);
  const [kept] = credentials;
  await devtools.send('WebAuthn.removeCredential', {
    authenticatorId, credentialId: kept.credentialId,
  });
  const copy = { ...kept, signCount: 0 };
  await devtools.send('WebAuthn.addCredential', { authenticatorId, credential: copy });
  const refused = await logInByPasskey();
  assert.equal(refused.status, 401);
  assert.match(refused.json.message, /a copy/);
});

test('a removed passkey logs nobody in', async () => {
  const [{ id }] = (await ask('GET', '/api/v1/session/passkeys')).json.items;
  assert.equal((await ask('DELETE', `/api/v1/session/passkeys/${id}`)).status, 200);
  assert.equal((await logInByPasskey()).status, 401);
});
