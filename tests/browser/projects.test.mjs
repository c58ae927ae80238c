// The projects: each at a glance, and a page that sets one up and shows that it works.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from './axe.mjs';
import { opened, program, serve } from './served.mjs';

const HOUR = 3_600_000;

serve();

const ago = (hours) => new Date(Date.now() - hours * HOUR).toISOString();
const card = (page, name) => page.getByRole('region', { name });

test('a card says how a project is doing, and leads to it', async () => {
  await program.report({ project_id: 'glance' });
  await program.report({ project_id: 'glance' });
  await program.report({ project_id: 'glance', timestamp: ago(30) });
  const { page, faults } = await opened('/projects');
  const glance = page.getByRole('article').filter({ hasText: 'glance' });
  await glance.getByText('1 open').waitFor();
  await glance.getByText('2 reports in 24 h').first().waitFor();
  await glance.getByRole('link', { name: 'New 1' }).waitFor();
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${program.url}/projects/glance`);
  await page.getByRole('heading', { level: 1, name: 'glance' }).waitFor();
  assert.deepEqual(faults, []);
});

test('a test report is sent by a button and shown arriving', async () => {
  await program.report({ project_id: 'set-up' });
  const { page, faults } = await opened('/projects/set-up');
  const setUp = card(page, 'How to report');
  const send = setUp.getByRole('button', { name: 'Send a test report' });
  await send.waitFor();
  assert.equal(await setUp.getByText('Waiting for a report').count(), 0);
  await send.click();
  await setUp.getByRole('link', { name: /TestReport/ }).click();
  await page.getByRole('heading', { name: 'TestReport' }).waitFor();
  const { items } = await program.ask('/api/v1/issues?project_id=set-up&type=TestReport');
  assert.deepEqual(items.map(({ level, environments }) => [level, environments]), [
    ['INFO', ['development']],
  ]);
  assert.deepEqual(faults, []);
});

test('every snippet carries this address and this project', async () => {
  await program.report({ project_id: "it's \"odd\" $(x)" });
  const { page, faults } = await opened(`/projects/${encodeURIComponent("it's \"odd\" $(x)")}`);
  const setUp = card(page, 'How to report');
  const names = setUp.getByRole('group').getByRole('button');
  const code = setUp.locator('pre');
  await code.waitFor();
  assert.ok((await names.count()) >= 25);
  let before = '';
  for (const button of await names.all()) {
    await button.click();
    await page.waitForFunction(
      ([old, pressed]) => document.querySelector('pre').textContent !== old || pressed === 'curl',
      [before, (await button.textContent()).trim()],
    );
    before = await code.textContent();
    assert.ok(!before.includes('my_project'), await button.textContent());
    assert.ok(!before.includes('localhost:8002'), await button.textContent());
  }
  const ways = (name) => setUp.getByRole('group', { name }).getByRole('button', { name: 'Python' });
  await ways('With code to paste: nothing to install').click();
  await code.getByText(program.url).first().waitFor();
  await ways('With a client: to install, and it sees more by itself').click();
  await code.getByText('pip install ./clients/python').waitFor();
  assert.deepEqual(faults, []);
});

test('the chart shows when a version came', async () => {
  for (let hours = 80; hours > 0; hours -= 4) {
    const version = hours > 30 ? '1.0.0' : '1.1.0';
    await program.report({ project_id: 'charted', version, timestamp: ago(hours) });
  }
  const { page, faults } = await opened('/projects/charted');
  const chart = card(page, 'Last 14 days');
  await chart.getByText('1.1.0').waitFor();
  await chart.getByText('Lines: first report of a version').waitFor();
  assert.deepEqual(faults, []);
});

test('a deploy is a line on the charts, and its figures say when and where', async () => {
  const { id } = await program.report({ project_id: 'deployed', timestamp: ago(5) });
  await program.report({ project_id: 'deployed' });
  for (const [version, environment] of [['2.0.0', 'production'], ['2.1.0-rc', 'staging']]) {
    const answer = await fetch(`${program.url}/api/v1/projects/deployed/deploys`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ version, environment }),
    });
    assert.equal(answer.status, 201);
  }
  const addresses = [
    '/projects/deployed',
    '/statistics?project_id=deployed&range=24h',
    '/statistics?range=24h',
    `/issues/${id}`,
  ];
  for (const address of addresses) {
    const { page, faults, context } = await opened(address);
    const main = page.getByRole('main');
    // What is of staging alone has no line, but a row; of all projects at once nothing has one.
    const lines = address.startsWith('/statistics?range') ? 0 : 1;
    if (lines) await main.locator('.mark-line').filter({ hasText: /2\.0\.0/ }).waitFor();
    const summary = main.locator('summary', { hasText: 'As a table' });
    await summary.focus();
    await page.keyboard.press('Enter');
    const told = main.getByRole('table', { name: 'Deploys' }).getByRole('row');
    assert.match(await told.first().innerText(), /2\.1\.0-rc\s+staging$/);
    assert.equal(await main.locator('.mark-line').count(), lines, address);
    assert.match(await told.last().innerText(), /2\.0\.0\s+production$/);
    const chart = await main.locator('svg[role=img]').first().boundingBox();
    await page.mouse.move(chart.x + chart.width - 2, chart.y + chart.height / 2);
    if (lines) await main.getByText(/2\.0\.0 since \d\d:\d\d/).waitFor();
    assert.deepEqual(faults, []);
    await context.close();
  }
});

test('it is for everyone: light, dark, three languages, a phone', async () => {
  assert.deepEqual(await faultsOf(opened, '/projects', 'article'), []);
  assert.deepEqual(await faultsOf(opened, '/projects/charted', 'pre'), []);
});
