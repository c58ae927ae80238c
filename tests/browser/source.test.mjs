// Where the server runs beside the code: source around a frame, and nothing but that.

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startBrowser, startProgram, watchedPage } from './program.mjs';

const LINES = ['import { pay } from "./pay.js";', '', 'export function order(cart) {',
  '  const total = cart.total;', '  return pay(total, "<b>&amp;</b>");', '}'];

let folder;
let program;
let browser;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'log-center-source-'));
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src/order.js'), `${LINES.join('\n')}\n`);
  program = await startProgram({ flags: ['--source-root', `beside=${folder}`] });
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await program?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function opened(project) {
  const { id } = await program.report({
    project_id: project,
    error: {
      stack_trace: [
        'TypeError: x',
        `    at order (${folder}/src/order.js:5:10)`,
        `    at handle (${folder}/node_modules/express/router.js:1:1)`,
        `    at main (${folder}/src/gone.js:3:1)`,
      ],
    },
  });
  const watched = await watchedPage(browser, program.url);
  await watched.page.goto(`${program.url}/issues/${id}`);
  await watched.page.locator('h1').first().waitFor();
  return watched;
}

test('the nearest own frame shows its lines, and marks its own', async () => {
  const { page, faults } = await opened('beside');
  const shown = page.getByLabel('src/order.js');
  await shown.waitFor();
  assert.equal(await shown.locator('mark').textContent(), LINES[4]);
  assert.deepEqual(await shown.locator('[data-line]').allTextContents(),
    LINES.map((line) => line || ' '));
  await page.getByRole('button', { name: 'Hide source' }).press('Enter');
  await shown.waitFor({ state: 'detached' });
  assert.deepEqual(faults, []);
  // What is not there is said in words; the browser notes the 404.
  await page.getByRole('button', { name: 'Show source' }).last().click();
  await page.getByText('no such file or line').waitFor();
});

test('of another project no source is offered', async () => {
  const { page, faults } = await opened('elsewhere');
  await page.getByText('/src/order.js:5:10').waitFor();
  assert.equal(await page.getByRole('button', { name: /source/ }).count(), 0);
  assert.deepEqual(faults, []);
});
