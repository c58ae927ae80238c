// Finding issues: the search box and its completion, times, views, selecting many, undoing.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { opened as openedAt, program, serve } from './served.mjs';

const HOUR_MS = 3_600_000;

serve(async () => {
  const old = new Date(Date.now() - 50 * HOUR_MS).toISOString();
  const kinds = [
    { name: 'AlphaError', version: '1.0.0' },
    { name: 'BetaError', version: '1.1.0', level: 'CRITICAL' },
    { name: 'GammaError', version: '1.1.0', environment: 'pre prod', timestamp: old },
  ];
  for (const { name, ...changes } of kinds) {
    const error = { type: name, file_path: name };
    await program.report({ project_id: 'found', ...changes, error });
  }
  await program.report({ project_id: 'other_one' });
});

async function opened(path, options) {
  const watched = await openedAt(path, options);
  await watched.page.getByRole('main').getByRole('link', { name: /Error/ }).first().waitFor();
  return { ...watched, box: watched.page.getByRole('combobox', { name: 'Search issues' }) };
}

/** The suggestions under the search box; the filters have options of the same names. */
const offered = (page, name) =>
  page.getByRole('listbox', { name: 'Suggestions' }).getByRole('option', { name });

const titles = (page) => page.locator('li[data-id] a.title .type').allTextContents();

/** Waits until the list has these types, in whatever order. */
async function listed(page, ...types) {
  await page.waitForFunction((wanted) => {
    const shown = [...document.querySelectorAll('li[data-id] a.title .type')];
    return shown.map((one) => one.textContent).sort().join() === wanted;
  }, types.sort().join());
}

test('keys and values are completed by keyboard alone', async () => {
  const { page, box, faults } = await opened('/issues?project_id=found');
  await page.keyboard.press('/');
  await page.keyboard.type('lev');
  await offered(page, /level:/).waitFor();
  await page.keyboard.press('Tab');
  await offered(page, /CRITICAL/).waitFor();
  assert.equal(await box.getAttribute('aria-expanded'), 'true');
  await page.keyboard.press('ArrowDown');
  const active = await box.getAttribute('aria-activedescendant');
  assert.equal(await page.locator(`#${active}`).getAttribute('aria-selected'), 'true');
  await page.keyboard.press('Enter');
  assert.equal(await box.inputValue(), 'level:CRITICAL ');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  await listed(page, 'BetaError');
  assert.deepEqual(faults, []);
});

test('environments of the server are offered, and quoted where they need it', async () => {
  const { page, box, faults } = await opened('/issues?project_id=found');
  await box.click();
  await box.fill('env:pre');
  await offered(page, 'pre prod').click();
  assert.equal(await box.inputValue(), 'env:"pre prod" ');
  await box.press('Enter');
  await listed(page, 'GammaError');
  assert.deepEqual(faults, []);
});

test('a fault is marked where it stands, and said in words', async () => {
  const { page, box } = await opened('/issues');
  await box.fill('project:found level:loud x');
  await box.press('Escape');
  await box.press('Enter');
  await page.getByRole('alert').getByText('“loud” is unknown here').waitFor();
  assert.equal(await page.locator('form[role=search] .fault').first().textContent(), 'loud');
  assert.equal(await box.getAttribute('aria-invalid'), 'true');
  // Corrected, it goes away.
  await box.fill('project:found level:CRITICAL');
  await page.getByRole('alert').waitFor({ state: 'detached' });
  await box.press('Escape');
  await box.press('Enter');
  await listed(page, 'BetaError');
});

test('a range of time narrows the list and stays in the address', async () => {
  const { page, faults } = await opened('/issues?project_id=found');
  await listed(page, 'AlphaError', 'BetaError', 'GammaError');
  await page.getByRole('button', { name: 'Any time' }).click();
  await page.getByRole('button', { name: 'Last 24 hours' }).click();
  await listed(page, 'AlphaError', 'BetaError');
  assert.match(page.url(), /range=24h/);
  await page.reload();
  await listed(page, 'AlphaError', 'BetaError');
  await page.goBack();
  await listed(page, 'AlphaError', 'BetaError', 'GammaError');
  assert.deepEqual(faults, []);
});

test('a time narrows the events, and is said in words', async () => {
  const { page, faults } = await opened('/events?project_id=found');
  const rows = page.getByRole('main').locator('ol > li');
  const shown = (count) => page.waitForFunction(
    (wanted) => document.querySelectorAll('main ol > li').length === wanted, count);
  await shown(3);
  await page.getByRole('button', { name: 'Any time' }).click();
  await page.getByRole('button', { name: 'Last 24 hours' }).click();
  await shown(2);
  assert.match(page.url(), /range=24h/);
  await page.getByRole('button', { name: 'Last 24 hours' }).click();
  await page.getByRole('button', { name: 'Any time' }).click();
  await shown(3);
  const day = (hours) => new Date(Date.now() - hours * HOUR_MS).toISOString();
  await page.goto(`${program.url}/events?project_id=found&since=${day(60)}&until=${day(40)}`);
  await shown(1);
  assert.match(await rows.textContent(), /GammaError/);
  assert.doesNotMatch(await page.getByRole('main').textContent(), /\dT\d\d:/);
  assert.deepEqual(faults, []);
});

test('a brush over the chart narrows the list to its time', async () => {
  const { page, faults } = await opened('/issues?project_id=found');
  const chart = page.getByRole('img', { name: /^3 reports from/ });
  await chart.waitFor();
  const box = await chart.boundingBox();
  const at = (part) => box.x + box.width * part;
  await page.mouse.move(at(0.5), box.y + 20);
  await page.mouse.down();
  await page.mouse.move(at(0.92), box.y + 20, { steps: 5 });
  await page.mouse.up();
  await listed(page, 'GammaError');
  assert.match(page.url(), /since=.*until=/);
  assert.deepEqual(faults, []);
});

test('a view is saved, found again after a reload, and removed', async () => {
  const { page, faults } = await opened('/issues?project_id=found&level=CRITICAL');
  await page.getByRole('button', { name: 'Views', exact: true }).click();
  await page.getByPlaceholder('Name of the view').fill('The worst');
  await page.getByPlaceholder('Name of the view').press('Enter');
  await page.goto(`${program.url}/issues`);
  await page.getByRole('button', { name: 'Views', exact: true }).click();
  await page.getByRole('button', { name: 'The worst', exact: true }).click();
  await listed(page, 'BetaError');
  await page.getByRole('button', { name: 'The worst' }).click();
  await page.getByRole('button', { name: 'Remove the view The worst' }).click();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Views', exact: true }).waitFor();
  assert.deepEqual(faults, []);
});

test('several are chosen by keys, assigned at once, and undone', async () => {
  const { page, faults } = await opened('/issues?project_id=found');
  for (const key of ['j', 'x', 'j', 'x', 'a']) await page.keyboard.press(key);
  await page.getByRole('dialog').getByLabel('Name').fill('Kim');
  await page.getByRole('dialog').getByRole('button', { name: 'Assign', exact: true }).click();
  await page.getByText('2 issues were assigned to Kim.').waitFor();
  const assigned = async () =>
    (await program.ask('/api/v1/issues?project_id=found&assignee=Kim')).total;
  assert.equal(await assigned(), 2);
  await page.getByRole('button', { name: 'Undo' }).click();
  for (let left = 100; (await assigned()) > 0 && left > 0; left -= 1) {
    await page.waitForTimeout(50);
  }
  assert.equal(await assigned(), 0);
  assert.deepEqual(faults, []);
});

test('the list is read with keys alone, and Back returns to where one was', async () => {
  const { page, faults } = await opened('/issues?project_id=found');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  const second = (await titles(page))[1];
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: second }).waitFor();
  await page.keyboard.press('Escape');
  await listed(page, 'AlphaError', 'BetaError', 'GammaError');
  assert.match(page.url(), /project_id=found/);
  assert.deepEqual(faults, []);
});
