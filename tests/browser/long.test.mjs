// A long list: only the rows around the screen are in the page, and it is told how long a key takes
// until the next frame. The time decides nothing. LOG_CENTER_ROWS=100000 for the whole length.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { report, startBrowser, startProgram, watchedPage } from './program.mjs';

const ROWS = Number(process.env.LOG_CENTER_ROWS ?? 3_000);
const BATCH = 1_000;
const KEYS = 60;
/** Rows that may be in the page at once. */
const IN_PAGE_MAX = 500;

let program;
let browser;

before(async () => {
  program = await startProgram();
  browser = await startBrowser();
  for (let at = 0; at < ROWS; at += BATCH) {
    const reports = Array.from({ length: Math.min(BATCH, ROWS - at) }, (_, n) =>
      report({ project_id: 'long', error: { line_number: at + n + 1 } }));
    const answer = await fetch(`${program.url}/api/v1/logs/report/batch`, {
      method: 'POST',
      body: JSON.stringify(reports),
    });
    assert.equal(answer.status, 200);
  }
});

after(async () => {
  await browser?.close();
  await program?.stop();
});

/** Milliseconds from a key, or a click on what a selector finds, until the next frame is there. */
function measured(page, { key, click }) {
  return page.evaluate(({ key: name, click: selector }) => new Promise((done) => {
    const target = selector ? document.querySelector(selector) : document.activeElement;
    const began = performance.now();
    if (selector) target.click();
    else {
      const code = `Key${name.toUpperCase()}`;
      const press = new KeyboardEvent('keydown', { key: name, code, bubbles: true });
      (target ?? document.body).dispatchEvent(press);
    }
    // The first callback is before the frame's painting, a task after it comes behind it.
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => done(performance.now() - began);
      channel.port2.postMessage(0);
    });
  }), { key, click });
}

function p95(times) {
  return times.toSorted((a, b) => a - b)[Math.ceil(times.length * 0.95) - 1];
}

test('a long list keeps few rows in the page and answers every key', async (context) => {
  const { page, faults } = await watchedPage(browser, program.url);
  await page.goto(`${program.url}/issues?project_id=long`);
  await page.locator('li[data-id]').first().waitFor();
  const loaded = () =>
    page.evaluate(() => Number(document.querySelector('[aria-setsize]')?.ariaSetSize ?? 0));
  const frames = [];
  for (let before = -1, still = 0; (await loaded()) < ROWS && still < 200;) {
    const spent = await page.evaluate(() => new Promise((done) => {
      const began = performance.now();
      scrollTo(0, document.documentElement.scrollHeight);
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
    }));
    frames.push(spent);
    const now = await loaded();
    still = now === before ? still + 1 : 0;
    before = now;
  }
  assert.equal(await loaded(), ROWS);
  assert.ok((await page.locator('li[data-id]').count()) <= IN_PAGE_MAX);
  // In the middle there are rows too, and not those of the end.
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight / 2));
  await page.waitForFunction((rows) => {
    const at = Number(document.querySelector('li[data-id]')?.ariaPosInSet);
    return at > rows * 0.2 && at < rows * 0.8;
  }, ROWS);
  assert.ok((await page.locator('li[data-id]').count()) <= IN_PAGE_MAX);

  await page.evaluate(() => scrollTo(0, 0));
  await page.waitForFunction(() => document.querySelector('li[data-id]')?.ariaPosInSet === '1');
  const keys = { j: [], k: [], x: [] };
  for (let n = 0; n < KEYS; n += 1) keys.j.push(await measured(page, { key: 'j' }));
  for (let n = 0; n < KEYS / 2; n += 1) keys.x.push(await measured(page, { key: 'x' }));
  for (let n = 0; n < KEYS / 2; n += 1) keys.k.push(await measured(page, { key: 'k' }));
  const current = await page.locator('li.current').getAttribute('aria-posinset');
  assert.equal(Number(current), KEYS - KEYS / 2);
  const clicks = [];
  const click = 'li[data-id] input[type=checkbox]';
  for (let n = 0; n < KEYS / 2; n += 1) clicks.push(await measured(page, { click }));
  // All that are loaded, and none again.
  const all = [];
  const every = 'input[aria-label="Select all loaded issues"]';
  for (let n = 0; n < 10; n += 1) all.push(await measured(page, { click: every }));
  context.diagnostic(`${ROWS} rows, a click on one, p95: ${p95(clicks).toFixed(1)} ms`);
  context.diagnostic(`${ROWS} rows, a click on all, p95: ${p95(all).toFixed(1)} ms`);
  for (const [key, times] of Object.entries(keys)) {
    context.diagnostic(`${ROWS} rows, ${key} to the next frame, p95: ${p95(times).toFixed(1)} ms`);
  }
  context.diagnostic(`${ROWS} rows, a jump to the end, p95: ${p95(frames).toFixed(1)} ms`);
  assert.deepEqual(faults, []);
});

test('all that are loaded are moved at once, however many', async () => {
  const { page, faults } = await watchedPage(browser, program.url);
  await page.goto(`${program.url}/issues?project_id=long`);
  await page.locator('li[data-id]').first().waitFor();
  // More than one question to the server may hold.
  await page.waitForFunction((most) => {
    scrollTo(0, document.documentElement.scrollHeight);
    return Number(document.querySelector('[aria-setsize]')?.ariaSetSize ?? 0) > most;
  }, IN_PAGE_MAX);
  await page.getByLabel('Select all loaded issues').click();
  const said = await page.getByRole('toolbar').locator('strong').textContent();
  const chosen = Number(said.replace(/\D/g, ''));
  assert.ok(chosen > IN_PAGE_MAX);
  await page.keyboard.press('e');
  await page.getByRole('dialog').getByRole('button', { name: /^Move \d/ }).click();
  await page.getByRole('button', { name: 'Send now' }).click();
  const path = '/api/v1/issues?project_id=long&status=VERIFYING&limit=1';
  for (let left = 200; (await program.ask(path)).total < chosen && left > 0; left -= 1) {
    await page.waitForTimeout(50);
  }
  assert.equal((await program.ask(path)).total, chosen);
  assert.deepEqual(faults, []);
});
