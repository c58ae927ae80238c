// How the server is doing, as its operator meets it: a page about it, and a banner on every page
// while something is refused.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { report, startBrowser, startProgram, watchedPage } from './program.mjs';

let program;
let browser;

before(async () => {
  program = await startProgram({ flags: ['--rate-per-project', '5'] });
  browser = await startBrowser();
});

after(async () => {
  const pages = (browser?.contexts() ?? []).flatMap((context) => context.pages());
  await Promise.all(pages.map((page) => page.unrouteAll({ behavior: 'ignoreErrors' })));
  await browser?.close();
  await program?.stop();
});

/** Edits the answers of some addresses. */
async function edited(page, addresses, change) {
  await page.route(addresses, async (route) => {
    try {
      const answer = await route.fetch();
      const document = await answer.json();
      change(document);
      await route.fulfill({ json: document });
    } catch (error) {
      // Whoever went away waits for no answer.
      if (!page.isClosed()) throw error;
    }
  });
}

/** A page; `change` edits what its server says about itself. */
async function opened(path, { change, ...options } = {}) {
  const watched = await watchedPage(browser, program.url, options);
  if (change) await edited(watched.page, '**/api/v1/system', change);
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
  await page.getByText('No internal error since it started.').waitFor();
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

test('slow reads are told, and that there are none', async () => {
  const read = {
    path: '/api/v1/issues',
    asked: 'q=user:… & sort=users',
    took_ms: 840,
    status: 200,
    bytes: 4_096,
  };
  for (const width of [360, 1280]) {
    const items = [];
    const change = (document) => {
      document.slow_reads.items = items.map((one) => ({ ...one, at: document.at }));
    };
    const viewport = { width, height: 800 };
    const { page, faults, context } = await opened('/system', { change, viewport });
    await page.getByText('No read took 200 ms or longer in the last 24 hours.').waitFor();
    items.push(read, { ...read, path: '/api/v1/events', asked: '', status: 503 });
    const rows = page.getByRole('region', { name: 'Slow reads' }).getByRole('listitem');
    await rows.first().waitFor();
    const first = await rows.first().innerText();
    assert.match(first, /issues\s+q=user:… & sort=users\s+.*4.KiB[^]*840.ms/);
    assert.match(await rows.last().innerText(), /events\s+.*ended, answer 503/);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wider <= 0, `${wider} pixels too wide`);
    assert.deepEqual(faults, []);
    await context.close();
  }
});

/** The card about backups. */
const card = (page) =>
  page.locator('section').filter({ has: page.getByRole('heading', { name: 'Backups' }) });
const backUp = (page) => card(page).getByRole('button', { name: 'Back up now' });
const rows = (page) => card(page).getByRole('listitem');
const begin = () => fetch(`${program.url}/api/v1/backups`, { method: 'POST' });

/** The names of the backups, once none is under way. */
async function whole() {
  for (;;) {
    const { items } = await program.ask('/api/v1/backups');
    if (items.every((one) => one.state === 'done')) return items.map((one) => one.name);
  }
}

test('a backup is made by hand, and then another one by somebody else', async () => {
  const { page, faults } = await opened('/system');
  await card(page).getByText('none yet').waitFor();
  await card(page).getByText('With --backup-every 24h').waitFor();
  await backUp(page).click();
  await page.getByText(/The backup is made and checked: [\d.]+\sKiB/).waitFor();
  const [mine] = await whole();
  await rows(page).filter({ hasText: mine }).getByText('Checked').waitFor();
  assert.match(await rows(page).innerText(), /^just now by hand\s+[\d.]+\sKiB\s+CHECKED/i);
  const newest = card(page).locator('dl > div').first();
  assert.match(await newest.innerText(), /^Newest\s+just now\s+[\d.]+\sKiB\s+Checked$/);
  const answer = await begin();
  assert.equal(answer.status, 202);
  const { name: theirs } = await answer.json();
  await rows(page).filter({ hasText: theirs }).getByText('Checked').waitFor();
  assert.deepEqual(await whole(), [theirs, mine]);
  await backUp(page).and(page.locator(':enabled')).waitFor();
  assert.deepEqual(faults, []);
});

test('who asks while one is under way is shown that one', async () => {
  const { page, faults } = await opened('/system');
  const before = await whole();
  await page.route('**/api/v1/backups', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    let answer;
    do {
      await begin();
      answer = await route.fetch();
    } while (answer.status() !== 409);
    return route.fulfill({ response: answer });
  });
  await backUp(page).click();
  await page.getByText('A backup is under way already.').waitFor();
  const [newest] = await whole();
  assert.ok(!before.includes(newest));
  await rows(page).filter({ hasText: newest }).getByText('Checked').waitFor();
  assert.equal(faults.length, 1, 'the browser notes the refusal itself');
  assert.match(faults[0], /409/);
});

test('a backup under way shows how far it is', async () => {
  await begin();
  await whole();
  const { page, faults } = await opened('/issues');
  let change = { state: 'copying', progress: 0.25, bytes: 4 * 1024 ** 3, finished_at: null };
  await edited(page, '**/api/v1/backups?*', (document) => {
    Object.assign(document.items[0], change);
  });
  await page.getByRole('link', { name: 'System' }).click();
  const bar = card(page).getByRole('progressbar', { name: 'Copying' });
  await bar.waitFor();
  assert.equal(await bar.getAttribute('value'), '0.25');
  await card(page).getByText(/1\sGiB of 4\sGiB/).waitFor();
  await rows(page).first().getByText('Copying').waitFor();
  assert.ok(await backUp(page).isDisabled(), 'there is one at a time');
  change = { ...change, state: 'checking', progress: 1 };
  await card(page).getByRole('progressbar', { name: 'Checking' }).waitFor();
  change = {};
  await backUp(page).and(page.locator(':enabled')).waitFor();
  assert.equal(await card(page).getByRole('progressbar').count(), 0);
  assert.deepEqual(faults, []);
});

test('a backup by the clock that fails says why, until one succeeds', async () => {
  const data = mkdtempSync(join(tmpdir(), 'log-center-browser-'));
  writeFileSync(join(data, 'backups'), 'a file where the folder should be');
  const other = await startProgram({ data, flags: ['--backup-every', '7d'] });
  try {
    const { page, faults, context } = await watchedPage(browser, other.url);
    await page.goto(`${other.url}/system`);
    const why = card(page).getByRole('alert');
    await why.getByText(/^The last try failed: its folder cannot be read/).waitFor();
    await rows(page).first().getByText('Failed').waitFor();
    await card(page).getByText('every 7 days').waitFor();
    await card(page).getByText(/next: in (59 min\.|1 hr)/).waitFor();
    rmSync(join(data, 'backups'));
    await backUp(page).click();
    await rows(page).first().getByText('Checked').waitFor();
    assert.equal(await why.count(), 0);
    assert.deepEqual(faults, []);
    await context.close();
  } finally {
    await other.stop();
  }
});

test('the card about backups fits a telephone in every language', async () => {
  await begin();
  await whole();
  const headings = { 'en-GB': 'Backups', 'zh-CN': '备份', 'ru-RU': 'Резервные копии' };
  for (const [locale, name] of Object.entries(headings)) {
    const viewport = { width: 390, height: 844 };
    const { page, faults, context } = await opened('/system', { locale, viewport });
    await page.getByRole('heading', { name, exact: true }).waitFor();
    const [width, room] = await page.evaluate(() => {
      const { scrollWidth, clientWidth } = document.documentElement;
      return [scrollWidth, clientWidth];
    });
    assert.ok(width <= room, `${locale}: ${width - room} pixels too wide`);
    assert.deepEqual(faults, []);
    await context.close();
  }
});
