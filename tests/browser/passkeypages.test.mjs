// Passkeys on the pages, by Chromium's virtual authenticator: added, used at the login, named,
// taken away, and removed by an administrator.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { LOOKS, findings } from './axe.mjs';
import { binary, startBrowser, startProgram, watchedPage } from './program.mjs';

const PASSWORD = 'seven tired otters';
let program;
let browser;
/** An address that has a name: a passkey is for one. */
let home;

before(async () => {
  const data = mkdtempSync(join(tmpdir(), 'log-center-passkeys-'));
  const input = `${PASSWORD}\n`;
  const made = spawnSync(binary(), ['admin', 'create', 'Anna', '--data', data], { input });
  assert.equal(made.status, 0, String(made.stderr));
  program = await startProgram({ data, flags: ['--require-login'] });
  home = program.url.replace('127.0.0.1', 'localhost');
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await program?.stop();
});

/** A page with an authenticator that asks nobody, as a finger on it would. */
async function opened(path, options = {}) {
  const watched = await watchedPage(browser, home, options);
  const session = await watched.context.newCDPSession(watched.page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await watched.page.goto(home + path);
  return watched;
}

const dialog = (page) => page.getByRole('dialog');
const card = (page) =>
  page
    .locator('main section.card')
    .filter({ has: page.getByRole('heading', { name: 'Passkeys' }) });

async function logIn(page, name) {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Log in', exact: true }).click();
}

async function add(page, name) {
  await card(page).getByRole('button', { name: 'Add a passkey' }).click();
  await dialog(page).getByLabel('Present password').fill(PASSWORD);
  await dialog(page).getByLabel('Name').fill(name);
  await dialog(page).getByRole('button', { name: 'Next' }).click();
}

test('a passkey is added, lets in without a password, is named anew and taken away', async () => {
  const { page, faults, context } = await opened('/login?next=/account');
  await logIn(page, 'Anna');
  await card(page).getByText('Log in by a fingerprint').waitFor();
  await add(page, 'my laptop');
  await page.getByText('The passkey my laptop was added.').waitFor();
  await card(page).getByText('not used yet').waitFor();
  await add(page, 'again');
  await dialog(page).getByText('There is a passkey of yours on this device already.').waitFor();
  await page.keyboard.press('Escape');

  await page.getByRole('heading', { name: 'Your account' }).waitFor();
  await page.locator('main').getByRole('button', { name: 'Log out' }).first().click();
  await page.waitForURL(`${home}/login`);
  await page.getByRole('button', { name: 'Log in with a passkey' }).click();
  await page.waitForURL(`${home}/`);
  await page.goto(`${home}/account`);
  await card(page).getByText(/^last used/).waitFor();

  await card(page).getByRole('button', { name: 'Rename my laptop' }).click();
  await dialog(page).getByLabel('Name').fill('the old laptop');
  await page.keyboard.press('Enter');
  await card(page).getByText('the old laptop').waitFor();
  await card(page).getByRole('button', { name: 'Remove the old laptop' }).click();
  await dialog(page).getByRole('button', { name: 'Remove', exact: true }).click();
  await page.getByText('The passkey the old laptop was removed.').waitFor();
  await card(page).getByText('Log in by a fingerprint').waitFor();

  await page.locator('main').getByRole('button', { name: 'Log out' }).first().click();
  await page.getByRole('button', { name: 'Log in with a passkey' }).click();
  await page.getByText('This passkey is not known here.').waitFor();
  assert.deepEqual(faults.filter((fault) => !/status of 401/.test(fault)), []);
  await context.close();
});

test('an administrator sees who has one, and removes it for who lost the device', async () => {
  const theirs = await opened('/login?next=/people');
  await logIn(theirs.page, 'Anna');
  await theirs.page.getByRole('heading', { name: '1 person' }).waitFor();
  const headers = { origin: home, 'content-type': 'application/json' };
  const data = { name: 'Ben', role: 'viewer', password: PASSWORD };
  await theirs.context.request.post(`${home}/api/v1/people`, { data, headers });

  const { page, context } = await opened('/login?next=/account');
  await logIn(page, 'Ben');
  await add(page, 'phone');
  await card(page).getByText('not used yet').waitFor();

  await theirs.page.reload();
  await theirs.page.getByText('1 passkey').waitFor();
  await theirs.page.getByRole('button', { name: 'Change Ben' }).click();
  await dialog(theirs.page).getByRole('button', { name: 'Remove them' }).click();
  await dialog(theirs.page).getByRole('button', { name: 'Remove', exact: true }).click();
  await theirs.page.getByText('The passkeys of Ben are removed.').waitFor();
  assert.deepEqual(theirs.faults, []);
  await context.close();
  await theirs.context.close();
});

test('an address without a name offers no passkeys, and says so', async () => {
  const { page, context } = await watchedPage(browser, program.url);
  await page.goto(`${program.url}/login?next=/account`);
  await page.getByLabel('Name').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Log in with a passkey' }).count(), 0);
  await logIn(page, 'Anna');
  await page.getByText('This address cannot have passkeys').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Add a passkey' }).count(), 0);
  await context.close();
});

test('they are for everyone: light, dark, three languages, a phone', async () => {
  const all = [];
  for (const [at, look] of LOOKS.entries()) {
    const viewport = { width: at % 2 ? 1280 : 360, height: 800 };
    const { page, faults, context } = await opened('/login?next=/account', { ...look, viewport });
    const check = async (part) => {
      const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
      if (wide) faults.push('too wide');
      faults.push(...(await findings(page)));
      all.push(...faults.splice(0).map((one) => `${part}, ${Object.values(look)}: ${one}`));
    };
    await page.locator('#passkey').waitFor();
    await check('login');
    await page.fill('#name', 'Anna');
    await page.fill('#password', PASSWORD);
    await page.keyboard.press('Enter');
    const cards = page.locator('main section.card');
    await cards.nth(3).getByRole('button').first().press('Enter');
    await dialog(page).waitFor();
    await check('adding');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await cards.nth(3).getByRole('listitem').nth(at).waitFor();
    await check('account');
    await context.close();
  }
  assert.deepEqual(all, []);
});
