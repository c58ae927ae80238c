// How soon the first page shows something, with a processor four times slower. The time is told and
// decides nothing.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser, startProgram, watchedPage } from './program.mjs';

const SLOWER = 4;
const LOADS = 5;

let program;
let browser;

before(async () => {
  program = await startProgram();
  browser = await startBrowser();
  for (let line = 1; line <= 40; line += 1) await program.report({ error: { line_number: line } });
});

after(async () => {
  await browser?.close();
  await program?.stop();
});

/** Milliseconds from the navigation to the first text, with an empty cache. */
async function firstPaint(path) {
  const { page, faults, context } = await watchedPage(browser, program.url);
  const session = await context.newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  await page.goto(program.url + path);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
  const at = await page.evaluate(() =>
    performance.getEntriesByName('first-contentful-paint')[0]?.startTime);
  assert.deepEqual(faults, []);
  await context.close();
  return at;
}

test('pages show something from an empty cache', async (context) => {
  for (const path of ['/', '/issues']) {
    const times = [];
    for (let load = 0; load < LOADS; load += 1) times.push(await firstPaint(path));
    assert.ok(times.every((time) => time > 0), `${times}`);
    const median = times.toSorted((a, b) => a - b)[Math.floor(LOADS / 2)];
    const all = times.map((time) => time.toFixed(0)).join(' ');
    context.diagnostic(
      `${path}: first contentful paint, processor ${SLOWER} times slower, median of ${all}: ` +
      `${median.toFixed(0)} ms`);
  }
});
