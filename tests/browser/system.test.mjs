// How the server is doing, as its operator meets it: a page about it, and a banner on every page
// while something is refused.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { report, startBrowser, startProgram, watchedPage } from './program.mjs';

let program;
let browser;

before(async () => {
  program = await startProgram({ flags: ['--rate-per-project', '5'] });
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await program?.stop();
});

/** A page; `change` edits what its server says about itself. */
async function opened(path, { change, ...options } = {}) {
  const watched = await watchedPage(browser, program.url, options);
  if (change) {
    await watched.page.route('**/api/v1/system', async (route) => {
      const answer = await route.fetch();
      const document = await answer.json();
      change(document);
      await route.fulfill({ json: document });
    });
  }
  await watched.page.goto(program.url + path);
  return watched;
}

const banner = (page) => page.getByRole('status', { name: 'Notice of the server' });

test('a server that is well says so, and there is no banner', async () => {
  const { page, faults } = await opened('/issues');
  await page.getByRole('heading', { name: 'Issues' }).waitFor();
  await page.keyboard.press('g');
  await page.keyboard.press('s');
  await page.waitForURL(`${program.url}/system`);
  await page.getByText('Reports are stored.').waitFor();
  await page.getByText('Nothing was turned away since the start.').waitFor();
  await page.getByText('No fault inside since the start.').waitFor();
  await page.getByRole('meter', { name: 'Database file' }).waitFor();
  const row = page.getByRole('row', { name: /Events older than 90 days/ });
  assert.match(await row.innerText(), /0\s+0$/);
  await page.getByRole('link', { name: 'Issues' }).first().click();
  await page.getByRole('heading', { name: 'Issues' }).waitFor();
  assert.equal(await banner(page).innerText(), '');
  assert.deepEqual(faults, []);
});

test('while reports are refused every page says so, and the page about it says why', async () => {
  let refused = 0;
  while (refused < 3) {
    const body = JSON.stringify(report({ project_id: 'loud' }));
    const answer = await fetch(`${program.url}/api/v1/logs/report`, { method: 'POST', body });
    if (answer.status === 429) refused += 1;
  }
  for (const path of ['/issues', '/events', '/projects', '/report']) {
    const { page, faults, context } = await opened(path);
    await banner(page).getByText(/A project is sent more than 5 reports a minute/).waitFor();
    assert.equal(await banner(page).getByRole('button').count(), 0, 'it cannot be put aside');
    assert.deepEqual(faults, []);
    await context.close();
  }
  for (const viewport of [{ width: 1280, height: 800 }, { width: 360, height: 740 }]) {
    const { page, faults, context } = await opened('/issues', { viewport });
    await banner(page).getByRole('link', { name: 'Details' }).click();
    await page.waitForURL(`${program.url}/system`);
    const reason = page.getByRole('listitem').filter({ hasText: 'project_rate' });
    assert.match(await reason.innerText(), /A project was sent too many reports[^]*3$/);
    await page.getByRole('main').getByRole('link', { name: 'loud' }).waitFor();
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wider <= 0, `${wider} pixels too wide`);
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test('a disk that is full stands before all else', async () => {
  const change = (document) => {
    document.storing = { ok: false, reason: 'disk_full', message: 'the disk is full, or nearly' };
    document.disk.free_bytes = 1024;
  };
  const { page, faults } = await opened('/issues', { change });
  await banner(page).getByText(/The disk is nearly full, so reports are refused/).waitFor();
  await banner(page).getByText(/below 128\sMiB nothing is stored/).waitFor();
  await page.goto(`${program.url}/system`);
  await page.getByText('Reports are refused.', { exact: true }).waitFor();
  assert.deepEqual(faults, []);
});

test('what needs nobody at once can be put aside for a day', async () => {
  const change = (document) => {
    document.refused.by_reason = [];
    document.removed.for_size_at = document.at;
  };
  const { page, faults } = await opened('/issues', { change });
  await banner(page).getByText(/the oldest events are removed/).waitFor();
  await banner(page).getByRole('button', { name: 'Hide for a day' }).click();
  await page.waitForFunction(() => !document.body.innerText.includes('oldest events'));
  const answered = page.waitForResponse((response) => response.url().endsWith('/api/v1/system'));
  await page.reload();
  await answered;
  await page.getByRole('heading', { name: 'Issues' }).waitFor();
  assert.equal(await banner(page).innerText(), '');
  await page.getByRole('link', { name: 'System' }).click();
  await page.getByText(/the oldest events are removed/).waitFor();
  assert.deepEqual(faults, []);
});
