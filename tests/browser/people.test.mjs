// Who may what, as people meet it where a login is asked for: the login, people and invitations,
// keys, the record, one's own account. And what an open laptop says instead.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { faultsOf } from './axe.mjs';
import { binary, report, startBrowser, startProgram, watchedPage } from './program.mjs';

const PASSWORD = 'seven tired otters';

let program;
let browser;
/** Anna's cookie, as a browser keeps it. */
let storageState;

before(async () => {
  const data = mkdtempSync(join(tmpdir(), 'log-center-people-'));
  const made = spawnSync(binary(), ['admin', 'create', 'Anna', '--data', data], {
    input: `${PASSWORD}\n`,
  });
  assert.equal(made.status, 0, String(made.stderr));
  program = await startProgram({ data, flags: ['--require-login'] });
  browser = await startBrowser();
  storageState = await session('Anna', PASSWORD);
  await asAnna('POST', '/api/v1/projects', { project_id: 'shop' });
  await asAnna('POST', '/api/v1/projects', { project_id: 'api' });
});

after(async () => {
  await browser?.close();
  await program?.stop();
});

/** Logs in, and gives what a browser would keep of it. */
async function session(name, password) {
  const context = await browser.newContext();
  const url = `${program.url}/api/v1/session`;
  const headers = { origin: program.url };
  const answer = await context.request.post(url, { data: { name, password }, headers });
  assert.equal(answer.status(), 200, await answer.text());
  const state = await context.storageState();
  await context.close();
  return state;
}

async function asAnna(method, path, data) {
  const context = await browser.newContext({ storageState });
  const headers = { origin: program.url, 'content-type': 'application/json' };
  const answer = await context.request.fetch(program.url + path, { method, data, headers });
  assert.ok(answer.ok(), `${path}: ${answer.status()} ${await answer.text()}`);
  const json = await answer.json();
  await context.close();
  return json;
}

async function opened(path, options = {}) {
  const watched = await watchedPage(browser, program.url, { storageState, ...options });
  await watched.page.goto(program.url + path);
  return watched;
}

/** A refusal is in the console whatever the page does. */
const unasked = (fault) => !/status of 40[134]/.test(fault);
const row = (page, text) => page.getByRole('main').getByRole('listitem').filter({ hasText: text });
const dialog = (page) => page.getByRole('dialog');

async function send(key, project = 'shop') {
  const answer = await fetch(`${program.url}/api/v1/logs/report`, {
    method: 'POST',
    headers: { 'x-log-center-key': key },
    body: JSON.stringify(report({ project_id: project })),
  });
  return answer.status;
}

test('whoever is not logged in is led to the login, back to the page, and out again', async () => {
  const { page, faults, context } = await opened('/keys', { storageState: undefined });
  await page.waitForURL(/\/login\?next=\/keys$/);
  await page.getByLabel('Name').fill('Anna');
  await page.getByLabel('Password', { exact: true }).fill('not this one');
  await page.keyboard.press('Enter');
  await page.getByRole('alert').getByText('The name or the password is wrong.').waitFor();
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.waitForURL(`${program.url}/keys`);
  await page.getByRole('heading', { level: 1, name: 'Keys' }).waitFor();
  assert.equal(await page.getByLabel('Your name').count(), 0, 'who is logged in has a name');
  await page.getByRole('button', { name: 'Anna' }).click();
  await page.getByText('Administrator · All projects').waitFor();
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL(`${program.url}/login`);
  await page.goto(`${program.url}/issues`);
  await page.waitForURL(/\/login\?next=\/issues$/);
  assert.deepEqual(faults.filter(unasked), []);
  await context.close();
});

test('the login speaks the chosen language, and has the theme of the dashboard', async () => {
  const { page, faults, context } = await opened('/login', { storageState: undefined });
  await page.getByRole('button', { name: 'Log in' }).waitFor();
  await page.getByRole('button', { name: 'Русский' }).click();
  await page.getByRole('button', { name: 'Войти' }).waitFor();
  assert.equal(await page.title(), 'Войти · Log Center');
  await page.evaluate(() => localStorage.setItem('log-center.theme', 'dark'));
  await page.reload();
  await page.getByRole('button', { name: 'Войти' }).waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), 'dark');
  assert.equal(await page.locator('html').getAttribute('lang'), 'ru');
  assert.deepEqual(faults, []);
  await context.close();
});

test('an invitation brings somebody, who may what a member may, until shut out', async () => {
  const anna = await opened('/people');
  const { page } = anna;
  await page.getByRole('button', { name: 'Invite somebody' }).click();
  await dialog(page).getByLabel('Only these').check();
  await dialog(page).getByLabel('shop').check();
  await dialog(page).getByRole('button', { name: 'Make a link' }).click();
  const link = await dialog(page).getByLabel('Link', { exact: true }).inputValue();
  assert.match(link, new RegExp(`^${program.url}/join#\\w{40,}$`));
  await dialog(page).getByRole('button', { name: 'I have it' }).click();
  await page.getByRole('heading', { name: '1 open invitation' }).waitFor();

  const boris = await watchedPage(browser, program.url);
  await boris.page.goto(link);
  await boris.page.getByLabel('Name').fill('Boris');
  await boris.page.getByLabel('Password', { exact: true }).fill('eight quiet badgers');
  await boris.page.getByRole('button', { name: 'Join' }).click();
  await boris.page.waitForURL(`${program.url}/`);
  await boris.page.getByRole('button', { name: 'Boris' }).waitFor();
  await boris.page.getByRole('link', { name: 'People' }).first().click();
  await boris.page.getByRole('heading', { level: 1, name: 'People' }).waitFor();
  await row(boris.page, 'Anna').waitFor();
  await boris.page.getByRole('button', { name: 'Invite somebody' }).waitFor({ state: 'detached' });
  await boris.page.getByRole('link', { name: 'Audit log' }).waitFor({ state: 'detached' });
  await boris.page.goto(`${program.url}/keys`);
  await boris.page.getByText('This page is for administrators.').waitFor();
  await boris.page.goto(`${program.url}/projects/shop`);
  await boris.page.getByRole('heading', { name: 'Record a deploy' }).waitFor();
  await boris.page.getByText('Delete this project').waitFor({ state: 'detached' });
  await boris.page.goto(`${program.url}/system`);
  await boris.page.getByText('Backups are shown to administrators.').waitFor();

  await page.reload();
  await row(page, 'Boris').getByText('shop').waitFor();
  await page.getByRole('button', { name: 'Change Boris' }).click();
  await dialog(page).getByLabel('Role').selectOption('viewer');
  await dialog(page).getByRole('button', { name: 'Save' }).click();
  await row(page, 'Boris').getByText('Viewer').waitFor();
  await page.getByRole('button', { name: 'Shut out Boris' }).click();
  await dialog(page).getByRole('button', { name: 'Shut out' }).click();
  await page.getByRole('button', { name: 'Let in again: Boris' }).waitFor();
  await boris.page.getByText('You are not logged in any more.').waitFor();
  const back = boris.page.getByRole('link', { name: 'Log in' });
  assert.equal(await back.getAttribute('href'), '/login?next=%2Fsystem');
  assert.deepEqual([...anna.faults, ...boris.faults].filter(unasked), []);
  await anna.context.close();
  await boris.context.close();
});

test('the last administrator stays one, and is told so', async () => {
  const { page, context } = await opened('/people');
  await page.getByRole('button', { name: 'Shut out Anna' }).click();
  await dialog(page).getByRole('button', { name: 'Shut out' }).click();
  await page.getByText('This is the last administrator.').waitFor();
  await context.close();
});

test('an invitation is taken back, and its link brings nobody', async () => {
  const { url } = await asAnna('POST', '/api/v1/invitations', { role: 'viewer' });
  const { page, context } = await opened('/people');
  await row(page, 'Viewer').getByRole('button', { name: 'Take back' }).click();
  await dialog(page).getByRole('button', { name: 'Take back' }).click();
  await page.getByText('The invitation was taken back.').waitFor();
  await page.getByRole('button', { name: 'Take back' }).waitFor({ state: 'detached' });
  await context.close();
  const late = await watchedPage(browser, program.url);
  await late.page.goto(program.url + url);
  await late.page.getByLabel('Name').fill('Clara');
  await late.page.getByLabel('Password', { exact: true }).fill('nine loud herons');
  await late.page.getByRole('button', { name: 'Join' }).click();
  await late.page.getByText('This link was used or has ended.').waitFor();
  await late.context.close();
});

test('a key is shown once, used, replaced and ended', async () => {
  const { page, faults, context } = await opened('/keys');
  await page.getByRole('button', { name: 'Make a key' }).click();
  await dialog(page).getByLabel('Name').fill('checkout');
  await dialog(page).getByRole('combobox', { name: /^For/ }).selectOption('shop');
  await dialog(page).getByRole('button', { name: 'Make a key' }).click();
  const secret = await dialog(page).getByLabel('Key', { exact: true }).inputValue();
  assert.match(secret, /^lcr_/);
  assert.equal(await send(secret), 200);
  assert.equal(await send(secret, 'api'), 403, 'it is for one project');
  await dialog(page).getByRole('button', { name: 'I have it' }).click();
  await page.getByRole('heading', { name: 'shop' }).waitFor();
  assert.ok(!(await page.content()).includes(secret), 'it is not told again');

  await page.getByRole('button', { name: 'Replace the key of checkout' }).click();
  await dialog(page).getByRole('button', { name: 'Replace' }).click();
  const next = await dialog(page).getByLabel('Key', { exact: true }).inputValue();
  assert.notEqual(next, secret);
  assert.deepEqual([await send(secret), await send(next)], [401, 200]);
  await dialog(page).getByRole('button', { name: 'I have it' }).click();

  await page.getByRole('button', { name: 'End the key of checkout' }).click();
  await dialog(page).getByRole('button', { name: 'End' }).click();
  await page.getByText('1 key that ended').click();
  await row(page, 'checkout').getByText(/^ended/).waitFor();
  assert.equal(await send(next), 401);
  assert.deepEqual(faults, []);
  await context.close();
});

test('a key for the API may what was chosen, for pages alone if so', async () => {
  const { page, context } = await opened('/keys');
  await page.getByRole('button', { name: 'Make a key' }).click();
  await dialog(page).getByLabel('Name').fill('agent');
  await dialog(page).getByLabel('Only from these pages').fill('shop.example');
  await dialog(page).getByRole('button', { name: 'Make a key' }).click();
  await dialog(page).getByText('Give origins like https://shop.example.com').waitFor();
  await dialog(page).getByLabel(/To use the API/).check();
  await dialog(page).getByLabel('It may').selectOption('change');
  await dialog(page).getByLabel('Ends after').selectOption('30');
  await dialog(page).getByRole('button', { name: 'Make a key' }).click();
  const secret = await dialog(page).getByLabel('Key', { exact: true }).inputValue();
  const ask = (path) =>
    fetch(program.url + path, { headers: { 'x-log-center-key': secret } })
      .then((one) => one.status);
  assert.deepEqual([await ask('/api/v1/issues'), await ask('/api/v1/keys')], [200, 403]);
  await dialog(page).getByRole('button', { name: 'I have it' }).click();
  await row(page, 'agent').getByText('change', { exact: true }).waitFor();
  await row(page, 'agent').getByText('in 29 days').waitFor();
  await context.close();
});

test('the record tells who did what, and gives it away as lines', async () => {
  await asAnna('POST', '/api/v1/keys', { name: 'recorded' });
  const { page, faults, context } = await opened('/people');
  await page.getByRole('link', { name: 'Audit log' }).click();
  await row(page, 'name: recorded').getByText('made a key').waitFor();
  await row(page, 'logged in').first().waitFor();
  await page.getByLabel('What').selectOption('key');
  await page.waitForURL(/\/audit\?action=key$/);
  await page.waitForFunction(() => !document.querySelector('main').innerText.includes('logged in'));
  await page.getByLabel('Who').fill('nobody of this name');
  await page.keyboard.press('Enter');
  await page.getByText('Nothing of this was recorded.').waitFor();
  await page.goBack();
  await row(page, 'name: recorded').waitFor();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Export' }).click();
  const stream = await (await download).createReadStream();
  let text = '';
  for await (const part of stream) text += part;
  const entries = text.trim().split('\n').map((line) => JSON.parse(line));
  assert.ok(entries.some((one) => one.action === 'key.create' && one.detail.name === 'recorded'));
  assert.ok(entries.every((one) => !one.action || one.action.startsWith('key.')));
  assert.deepEqual(faults, []);
  await context.close();
});

test('everybody sees their sessions, ends them, and changes their password', async () => {
  const mine = { name: 'Dora', role: 'viewer', password: 'six green lanterns' };
  await asAnna('POST', '/api/v1/people', mine);
  await session('Dora', mine.password);
  await session('Dora', mine.password);
  const { page, faults, context } = await opened('/account', {
    storageState: await session('Dora', mine.password),
  });
  await row(page, 'this one').waitFor();
  assert.equal(await page.getByRole('button', { name: 'End', exact: true }).count(), 2);
  await page.getByRole('button', { name: 'End', exact: true }).first().click();
  await page.getByText('1 session was ended.').waitFor();
  const change = async (present, wanted) => {
    await page.getByLabel('Present password').fill(present);
    await page.getByLabel('New password').fill(wanted);
    await page.getByRole('button', { name: 'Change the password' }).click();
  };
  await change('not this one', 'five brown kettles');
  await page.getByText('The present password is wrong.').waitFor();
  await change(mine.password, 'password123');
  await page.getByText('This password is too short, or among those').waitFor();
  await change(mine.password, 'five brown kettles');
  await page.getByText('The password was changed, and 1 other session ended.').waitFor();
  await session('Dora', 'five brown kettles');
  assert.deepEqual(faults.filter((fault) => !/status of 4(01|00|22)/.test(fault)), []);
  await context.close();
});

test('keys and the palette lead there', async () => {
  const { page, faults, context } = await opened('/issues');
  await page.getByRole('button', { name: 'Anna' }).waitFor();
  const pages = [['u', '/people'], ['k', '/keys'], ['h', '/audit'], ['m', '/account']];
  for (const [key, path] of pages) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await page.waitForURL(program.url + path);
  }
  await page.keyboard.press('Control+k');
  await dialog(page).getByRole('combobox').waitFor();
  await page.keyboard.type('audit');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${program.url}/audit`);
  await page.keyboard.press('?');
  await dialog(page).getByText('Go to the audit log').waitFor();
  assert.deepEqual(faults, []);
  await context.close();
});

test('an open laptop says how the door is closed', async () => {
  const laptop = await startProgram();
  try {
    const { page, faults, context } = await watchedPage(browser, laptop.url);
    await page.goto(`${laptop.url}/people`);
    await page.getByRole('heading', { name: 'Nobody has to log in here' }).waitFor();
    await page.getByText('log-center admin create NAME').waitFor();
    await page.getByText('log-center --require-login').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Log out' }).count(), 0);
    await page.getByLabel('Your name').waitFor();
    await page.goto(`${laptop.url}/account`);
    await page.getByText('Nobody has to log in here, so there is no account.').waitFor();
    assert.deepEqual(faults, []);
    await context.close();
  } finally {
    await laptop.stop();
  }
});

const PAGES = { '/people': 'Anna', '/keys': 'agent', '/audit': 'Anna', '/account': 'Anna' };
for (const [path, text] of Object.entries(PAGES)) {
  test(`${path} is for everyone: light, dark, three languages, a phone`, async () => {
    const ready = `main :text("${text}")`;
    assert.deepEqual(await faultsOf(opened, path, ready), []);
  });
}

test('the login is for everyone: light, dark, three languages, a phone', async () => {
  const open = (path, options) => opened(path, { ...options, storageState: undefined });
  assert.deepEqual(await faultsOf(open, '/login', 'form:not([hidden])'), []);
  assert.deepEqual(await faultsOf(open, '/join#abc', 'form:not([hidden])'), []);
});
