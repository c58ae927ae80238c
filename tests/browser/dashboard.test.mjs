// The dashboard and the API's page, as a person meets them: no error in the console, no request to
// anywhere else, and what is done there is done in the program.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser, startProgram, watchedPage } from './program.mjs';

/** A move waits some seconds in which it can be undone. */
const MOVE_MS = 15_000;

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

test('an empty dashboard says how to send a first report', async () => {
  const { page, faults } = await watchedPage(browser, program.url);
  await page.goto(program.url);
  await page.getByText('/api/v1/logs/report').first().waitFor();
  assert.deepEqual(faults, []);
});

test('a reported issue is listed, opened, read and moved', async () => {
  await program.report();
  const { id } = await program.report();
  const { page, faults } = await watchedPage(browser, program.url);
  await page.goto(`${program.url}/issues`);
  const title = page.getByRole('main').getByRole('link', { name: /TypeError.*reading 'total'/ });
  await title.click();
  await page.waitForURL(`${program.url}/issues/${id}`);
  await page.getByRole('heading', { name: 'TypeError' }).waitFor();
  await page.getByText('src/cart/Cart.tsx:42').first().waitFor();

  await page.getByRole('button', { name: 'Start verifying' }).click();
  await until(async () => (await program.ask(`/api/v1/issues/${id}`)).status === 'VERIFYING');
  await page.getByRole('button', { name: /needs a fix|confirm/i }).first().waitFor();
  const { history } = await program.ask(`/api/v1/issues/${id}`);
  assert.deepEqual(history.map(({ kind, from, to }) => [kind, from, to]),
    [['move', 'NEW', 'VERIFYING']]);
  assert.deepEqual(faults, []);
});

test('an address opened anew shows the same page', async () => {
  const { id } = await program.report({ project_id: 'linked' });
  const { page, faults } = await watchedPage(browser, program.url);
  await page.goto(`${program.url}/issues/${id}`);
  await page.getByRole('heading', { name: 'TypeError' }).waitFor();
  await page.goto(`${program.url}/issues?project_id=linked`);
  await page.getByRole('main').getByRole('link', { name: /TypeError/ }).waitFor();
  assert.deepEqual(faults, []);
});

test('the search finds what it says', async () => {
  for (const name of ['AlphaError', 'BetaError']) {
    await program.report({ project_id: 'searched', error: { type: name, file_path: name } });
  }
  const { page, faults } = await watchedPage(browser, program.url);
  await page.goto(`${program.url}/issues?project_id=searched`);
  const box = page.getByRole('combobox', { name: 'Search issues' });
  await box.fill('type:BetaError');
  await box.press('Enter');
  const main = page.getByRole('main');
  await main.getByRole('link', { name: /AlphaError/ }).waitFor({ state: 'detached' });
  await main.getByRole('link', { name: /BetaError/ }).waitFor();
  assert.match(decodeURIComponent(page.url()), /q=type:BetaError/);
  assert.deepEqual(faults, []);
});

test('text of a report is text, whatever it says', async () => {
  const hostile = '<img src=x onerror="window.hacked = 1"><script>window.hacked = 2</script>';
  const { id } = await program.report({
    project_id: 'hostile',
    level: 'CRITICAL',
    version: hostile,
    error: { type: hostile, message: hostile, file_path: hostile, stack_trace: [hostile] },
    context: { url: `javascript:${hostile}`, [hostile]: hostile, breadcrumbs: [hostile] },
  });
  const { page, faults } = await watchedPage(browser, program.url);
  const events = '/events?project_id=hostile';
  for (const path of ['/issues?project_id=hostile', `/issues/${id}`, events]) {
    await page.goto(program.url + path);
    await page.getByText('window.hacked').filter({ visible: true }).first().waitFor();
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    assert.equal(await page.locator('a[href^="javascript:"]').count(), 0);
  }
  assert.deepEqual(faults, []);
});

test('a phone of 360 pixels shows everything without scrolling sideways', async () => {
  const { id } = await program.report({ error: { message: 'long'.repeat(500) } });
  const viewport = { width: 360, height: 740 };
  const { page, faults } = await watchedPage(browser, program.url, { viewport });
  for (const path of ['/issues', `/issues/${id}`, '/projects']) {
    await page.goto(program.url + path);
    await page.getByRole('main').getByRole('link').first().waitFor();
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wider <= 0, `${path} is ${wider} pixels too wide`);
  }
  assert.deepEqual(faults, []);
});

test("the API's page works offline and can try a request", async () => {
  await program.report({ project_id: 'tried' });
  const { page, faults } = await watchedPage(browser, program.url);
  await page.goto(`${program.url}/docs`);
  await page.getByText('List projects', { exact: true }).first().click();
  await page.getByRole('button', { name: 'EXECUTE' }).first().click();
  await page.getByText('Response Status: OK (200)').waitFor();
  await page.getByRole('region', { name: 'RESPONSE' }).getByText('tried').first().waitFor();
  assert.deepEqual(faults, []);
});

async function until(condition) {
  const end = Date.now() + MOVE_MS;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('it did not happen in time');
    await new Promise((next) => setTimeout(next, 100));
  }
}
