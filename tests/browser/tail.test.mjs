// The live page: events as they arrive, filtered, paused, and back by itself after a restart.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { faultsOf } from './axe.mjs';
import { startBrowser, startProgram, watchedPage } from './program.mjs';

const SOON = { timeout: 5_000 };

let program;
let browser;

before(async () => {
  program = await startProgram();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await program?.stop();
});

async function opened(path, options) {
  const watched = await watchedPage(browser, program.url, options);
  await watched.page.goto(program.url + path);
  return watched;
}

async function livePage(path) {
  const watched = await opened(path);
  await watched.page.getByRole('banner').getByText('Live', { exact: true }).waitFor();
  return watched;
}

const row = (page, name) => page.getByRole('main').getByRole('listitem').filter({ hasText: name });
const send = (project_id, type, changes = {}) =>
  program.report({ project_id, error: { type, file_path: type }, ...changes });

test('what is reported is on the page by itself, newest first', async () => {
  await send('tail', 'FirstError');
  const { page, faults } = await livePage('/live?project_id=tail');
  await row(page, 'FirstError').waitFor();
  await send('tail', 'SecondError');
  await row(page, 'SecondError').waitFor(SOON);
  const texts = await page.getByRole('main').getByRole('listitem').allInnerTexts();
  assert.match(texts[0], /SecondError/);
  assert.match(texts[1], /FirstError/);
  await row(page, 'SecondError').getByRole('link').click();
  await page.getByRole('heading', { name: 'SecondError' }).waitFor();
  assert.deepEqual(faults, []);
});

test('a pause holds everything back and loses nothing', async () => {
  await send('paused', 'FirstError');
  const { page, faults } = await livePage('/live?project_id=paused');
  await row(page, 'FirstError').waitFor();
  await page.keyboard.press('p');
  await page.getByText('Paused: nothing moves').waitFor();
  await send('paused', 'HeldError');
  await page.getByRole('button', { name: '1 new, show' }).waitFor(SOON);
  assert.equal(await row(page, 'HeldError').count(), 0);
  await page.getByRole('button', { name: 'Go on' }).click();
  await row(page, 'HeldError').waitFor();
  assert.deepEqual(faults, []);
});

test('a filter narrows it, and stands in the address', async () => {
  await send('narrow', 'LoudError', { level: 'CRITICAL' });
  await send('narrow', 'QuietError', { level: 'WARNING', environment: 'staging' });
  const { page, faults } = await livePage('/live?project_id=narrow');
  await row(page, 'QuietError').waitFor();
  await page.getByLabel('Level').selectOption('CRITICAL');
  await row(page, 'QuietError').waitFor({ state: 'detached' });
  await row(page, 'LoudError').waitFor();
  assert.match(page.url(), /level=CRITICAL/);
  await page.getByLabel('Level').selectOption('');
  await page.getByLabel('Environment').selectOption('staging');
  await row(page, 'LoudError').waitFor({ state: 'detached' });
  await page.getByLabel('Words or key:value').fill('nothing-like-it');
  await page.getByText('No event matches yet').waitFor();
  await page.waitForURL(/q=nothing-like-it/);
  assert.deepEqual(faults, []);
});

test('it says that it is not live, and comes back by itself', async () => {
  await send('back', 'BeforeError');
  const { page } = await livePage('/live?project_id=back');
  await row(page, 'BeforeError').waitFor();
  await program.stop({ keep: true });
  await page.getByRole('main').getByText(/Not live since \d\d:\d\d/).waitFor();
  program = await startProgram(program);
  await send('back', 'AfterError');
  await row(page, 'AfterError').waitFor({ timeout: 20_000 });
  await page.getByText(/in the last minute/).waitFor({ timeout: 20_000 });
});

test('it is for everyone: light, dark, three languages, a phone', async () => {
  assert.deepEqual(await faultsOf(opened, '/live', 'ol a'), []);
});
