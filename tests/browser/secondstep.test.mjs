// The second step on the pages: set up by its person, in each language and at 360 px, its recovery
// codes kept and made anew, turned off; seen and reset by an administrator.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { codeAt, stepNow } from './authenticator.mjs';
import { LOOKS, findings } from './axe.mjs';
import { binary, startBrowser, startProgram, watchedPage } from './program.mjs';

const PASSWORD = 'seven tired otters';
let program;
let browser;
/** Anna's cookie, as a browser keeps it. */
let anna;

before(async () => {
  const data = mkdtempSync(join(tmpdir(), 'log-center-second-'));
  const input = `${PASSWORD}\n`;
  const made = spawnSync(binary(), ['admin', 'create', 'Anna', '--data', data], { input });
  assert.equal(made.status, 0, String(made.stderr));
  program = await startProgram({ data, flags: ['--require-login'] });
  browser = await startBrowser();
  anna = await session('Anna');
  for (const name of ['Ben', 'Cleo', 'Dan']) await add(name);
});

after(async () => {
  await browser?.close();
  await program?.stop();
});

/** Asks the server; answers with its status and what it says. */
async function ask(storageState, method, path, data) {
  const context = await browser.newContext({ storageState });
  const headers = { origin: program.url, 'content-type': 'application/json' };
  const answer = await context.request.fetch(program.url + path, { method, data, headers });
  const told = { status: answer.status(), json: await answer.json() };
  const state = await context.storageState();
  await context.close();
  return { ...told, state };
}

async function session(name, code) {
  const login = { name, password: PASSWORD, ...(code && { code }) };
  const { status, json, state } = await ask(undefined, 'POST', '/api/v1/session', login);
  assert.equal(status, 200, JSON.stringify(json));
  return state;
}

async function add(name) {
  const person = { name, role: 'viewer', password: PASSWORD };
  assert.equal((await ask(anna, 'POST', '/api/v1/people', person)).status, 201);
}

async function opened(path, options = {}) {
  const watched = await watchedPage(browser, program.url, options);
  await watched.page.goto(program.url + path);
  return watched;
}

const dialog = (page) => page.getByRole('dialog');
/** A wrong password and a wrong code are in the console whatever the page does. */
const unasked = (fault) => !/status of 401/.test(fault);

async function prove(page, action) {
  await dialog(page).getByLabel('Present password').fill(PASSWORD);
  await dialog(page).getByRole('button', { name: action }).click();
}

/** Sets it up; the secret and the codes that were shown. */
async function setUp(page) {
  await page.getByRole('button', { name: 'Set up' }).click();
  await prove(page, 'Next');
  await dialog(page).getByRole('img', { name: /^QR code/ }).waitFor();
  const secret = (await dialog(page).locator('code').innerText()).replaceAll(' ', '');
  await dialog(page).getByLabel('Code from the app').fill(codeAt(secret, stepNow()));
  await dialog(page).getByRole('button', { name: 'Turn on' }).click();
  await dialog(page).getByText('They are shown once.').waitFor();
  return { secret, codes: await dialog(page).locator('ol li').allInnerTexts() };
}

test('a person sets it up, keeps the recovery codes, and comes in by one', async () => {
  const other = await session('Ben');
  const watched = await opened('/account', { storageState: await session('Ben') });
  const { page, faults, context } = watched;
  await page.getByRole('button', { name: 'Set up' }).click();
  await dialog(page).getByLabel('Present password').fill('not this one');
  await page.keyboard.press('Enter');
  await dialog(page).getByText('The present password is wrong.').waitFor();
  await page.keyboard.press('Escape');
  assert.equal(await page.getByText('You are no longer logged in').count(), 0);

  await page.getByRole('button', { name: 'Set up' }).click();
  await prove(page, 'Next');
  await dialog(page).getByLabel('Code from the app').fill('12345x');
  await page.keyboard.press('Enter');
  await dialog(page).getByText('This code is wrong, or was used already.').waitFor();
  await page.keyboard.press('Escape');

  const { secret, codes } = await setUp(page);
  assert.match(secret, /^[A-Z2-7]{32}$/);
  assert.equal(new Set(codes).size, 10);
  await page.mouse.click(5, 5);
  assert.ok(await dialog(page).isVisible(), 'a click beside it loses nothing');
  const saving = page.waitForEvent('download');
  await dialog(page).getByRole('button', { name: 'Save as a file' }).click();
  let text = '';
  for await (const part of await (await saving).createReadStream()) text += part;
  assert.ok(text.startsWith('Recovery codes of Ben for Log Center at'));
  assert.ok(codes.every((code) => text.includes(code)));
  await page.emulateMedia({ media: 'print' });
  assert.ok(await dialog(page).getByText(codes[9]).isVisible());
  assert.ok(await dialog(page).getByText(/^Recovery codes of Ben/).isVisible());
  assert.ok(!(await page.getByText('Where you are logged in').isVisible()));
  await page.emulateMedia({ media: 'screen' });

  await dialog(page).getByRole('button', { name: 'I have them' }).click();
  await page.getByText('10 recovery codes are left.').waitFor();
  assert.ok(!(await page.content()).includes(codes[0]), 'they are not told again');
  assert.equal((await ask(other, 'GET', '/api/v1/sessions')).status, 401, 'others end');
  await session('Ben', codes[0]);
  await page.reload();
  await page.getByText('9 recovery codes are left.').waitFor();
  assert.deepEqual(faults.filter(unasked), []);
  await context.close();
});

test('recovery codes are made anew, and it is turned off, by the password', async () => {
  const { page, faults, context } = await opened('/account', {
    storageState: await session('Cleo'),
  });
  const before = await setUp(page);
  await dialog(page).getByRole('button', { name: 'I have them' }).click();
  await page.getByRole('button', { name: 'New recovery codes' }).click();
  await prove(page, 'Make new ones');
  await dialog(page).getByText('They are shown once.').waitFor();
  const codes = await dialog(page).locator('ol li').allInnerTexts();
  assert.equal(codes.filter((code) => before.codes.includes(code)).length, 0);
  await dialog(page).getByRole('button', { name: 'I have them' }).click();
  const login = { name: 'Cleo', password: PASSWORD, code: before.codes[0] };
  assert.equal((await ask(undefined, 'POST', '/api/v1/session', login)).status, 401);
  await session('Cleo', codes[0]);

  await page.getByRole('button', { name: 'Turn off' }).click();
  await prove(page, 'Turn off');
  await page.getByRole('button', { name: 'Set up' }).waitFor();
  await session('Cleo');
  assert.deepEqual(faults.filter(unasked), []);
  await context.close();
});

test('an administrator sees who has it, and resets it for who lost it', async () => {
  const theirs = await opened('/account', { storageState: await session('Dan') });
  await setUp(theirs.page);
  const { page, faults, context } = await opened('/people', { storageState: anna });
  const row = (name) => page.getByRole('main').getByRole('listitem').filter({ hasText: name });
  await row('Dan').getByText('second step').waitFor();
  assert.equal(await row('Anna').getByText('second step').count(), 0);
  await page.getByRole('button', { name: 'Change Anna' }).click();
  assert.equal(await dialog(page).getByText('Their login asks for a code too.').count(), 0);
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Change Dan' }).click();
  await dialog(page).getByRole('button', { name: 'Ask for it no more' }).click();
  await dialog(page).getByText('Make sure that it is them who asks.').waitFor();
  await dialog(page).getByRole('button', { name: 'Turn off' }).click();
  await page.getByText('The second step of Dan is off.').waitFor();
  // The list is read again after it was said.
  await row('Dan').getByText('second step').waitFor({ state: 'detached' });
  assert.ok(await row('Dan').isVisible());
  await session('Dan');
  assert.deepEqual(faults, []);
  await context.close();
  await theirs.context.close();
});

test('setting up is for everyone: light, dark, three languages, a phone, keys', async () => {
  // An address may try so many passwords a minute, counted from the start.
  const { data, url } = program;
  await program.stop({ keep: true });
  program = await startProgram({ data, url, flags: ['--require-login'] });
  const all = [];
  for (const [at, look] of LOOKS.entries()) {
    const name = `Eve ${at}`;
    await add(name);
    const storageState = await session(name);
    const viewport = { width: at % 2 ? 360 : 1280, height: 800 };
    const { page, faults, context } = await opened('/account', { ...look, viewport, storageState });
    const check = async (part) => {
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      if (wide) faults.push('too wide');
      faults.push(...(await findings(page)));
      all.push(...faults.splice(0).map((one) => `${part}, ${Object.values(look)}: ${one}`));
    };
    // Card by card: the second step's is the third one.
    const card = page.locator('main section.card').nth(2);
    await card.getByRole('button').press('Enter');
    await page.keyboard.type(PASSWORD);
    await check('password');
    await page.keyboard.press('Enter');
    await dialog(page).getByRole('img').waitFor();
    await check('secret');
    const secret = (await dialog(page).locator('code').innerText()).replaceAll(' ', '');
    await page.keyboard.type(codeAt(secret, stepNow()));
    await page.keyboard.press('Enter');
    await dialog(page).locator('ol').waitFor();
    await check('codes');
    await page.keyboard.press('Escape');
    await card.locator('.mark').waitFor();
    await check('account');
    await context.close();
  }
  assert.deepEqual(all, []);
});
