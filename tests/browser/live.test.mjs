// The live stream as a person meets it: what is reported stands on the page by itself, in every tab
// that is looked at, and no number of tabs holds anything up.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser, startProgram, watchedPage } from './program.mjs';

/** How soon a report must be on the page. */
const SOON = { timeout: 2_000 };

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

/** Opens a page and waits until it is live. */
async function livePage(path, options) {
  const watched = await watchedPage(browser, program.url, options);
  await watched.page.goto(program.url + path);
  await mark(watched.page, 'Live').waitFor();
  return watched;
}

function mark(page, word) {
  return page.getByRole('banner').getByText(word, { exact: true });
}

function row(page, name) {
  return page.getByRole('main').getByRole('listitem').filter({ hasText: name });
}

async function streams() {
  const text = await (await fetch(`${program.url}/metrics`)).text();
  return Number(text.match(/^log_center_stream_listeners (\d+)$/m)[1]);
}

async function until(condition) {
  const end = Date.now() + 5_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('it did not happen in time');
    await new Promise((next) => setTimeout(next, 50));
  }
}

test('a report is on two pages within two seconds, without a reload', async () => {
  await program.report({ project_id: 'two' });
  const path = '/issues?project_id=two';
  const pages = [await livePage(path), await livePage(path)];
  for (const { page } of pages) await row(page, '1 report').waitFor();
  await program.report({ project_id: 'two' });
  for (const { page } of pages) await row(page, '2 reports').waitFor(SOON);
  // A row moves nobody's rows: it is offered.
  await program.report({ project_id: 'two', error: { type: 'OtherError', line_number: 7 } });
  for (const { page } of pages) {
    const offer = page.getByRole('button', { name: '1 new, show' });
    await offer.waitFor(SOON);
    assert.equal(await row(page, 'OtherError').count(), 0);
    await offer.click();
    await row(page, 'OtherError').waitFor(SOON);
  }
  for (const { faults } of pages) assert.deepEqual(faults, []);
});

test('the first report of an empty list appears by itself', async () => {
  await program.report({ project_id: 'elsewhere' });
  const { page, faults } = await livePage('/issues?project_id=later');
  await program.report({ project_id: 'later' });
  await row(page, 'TypeError').waitFor(SOON);
  assert.deepEqual(faults, []);
});

test('an open issue shows what others do to it', async () => {
  const { id } = await program.report({ project_id: 'moved' });
  const { page, faults } = await livePage(`/issues/${id}`);
  await page.getByRole('button', { name: 'Start verifying' }).waitFor();
  await fetch(`${program.url}/api/v1/issues/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ status: 'FIXING', path: true }),
  });
  await page.getByRole('button', { name: /fixed/i }).first().waitFor(SOON);
  assert.deepEqual(faults, []);
});

test('only the tab that is looked at listens, so seven of them hold nothing up', async () => {
  await program.report({ project_id: 'seven' });
  for (const earlier of browser.contexts()) await earlier.close();
  await until(async () => (await streams()) === 0);
  const context = await browser.newContext({ locale: 'en-GB' });
  // Without a window no tab is ever hidden: the test says which one is.
  await context.addInitScript(() => {
    let hidden = false;
    Object.defineProperty(document, 'hidden', { get: () => hidden });
    window.lookAway = (away) => {
      hidden = away;
      document.dispatchEvent(new Event('visibilitychange'));
    };
  });
  const tabs = [];
  for (let n = 0; n < 7; n += 1) {
    await tabs.at(-1)?.evaluate(() => window.lookAway(true));
    const tab = await context.newPage();
    await tab.goto(`${program.url}/issues?project_id=seven`);
    await mark(tab, 'Live').waitFor();
    await row(tab, 'TypeError').waitFor(SOON);
    tabs.push(tab);
  }
  await until(async () => (await streams()) === 1);
  await program.report({ project_id: 'seven' });
  await row(tabs[6], '2 reports').waitFor(SOON);
  assert.equal(await row(tabs[0], '1 report').count(), 1, 'a hidden tab asks nothing');
  await tabs[6].evaluate(() => window.lookAway(true));
  await tabs[0].evaluate(() => window.lookAway(false));
  await row(tabs[0], '2 reports').waitFor(SOON);
  await until(async () => (await streams()) === 1);
  await context.close();
});

test('it is live again after a restart, and shows what was missed', async () => {
  await program.report({ project_id: 'again' });
  const { page } = await livePage('/issues?project_id=again');
  await program.stop({ keep: true });
  await mark(page, 'Not live').waitFor();
  program = await startProgram(program);
  await program.report({ project_id: 'again' });
  await row(page, '2 reports').waitFor({ timeout: 15_000 });
  await mark(page, 'Live').waitFor();
  await program.report({ project_id: 'again' });
  await row(page, '3 reports').waitFor(SOON);
});
