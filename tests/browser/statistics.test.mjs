// The statistics: figures that agree with what was reported, as bars, as tables and as a file.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { faultsOf } from './axe.mjs';
import { opened, program, serve } from './served.mjs';

const HOUR = 3_600_000;

serve(async () => {
  const ago = (hours) => new Date(Date.now() - hours * HOUR).toISOString();
  const sent = [
    ...Array.from({ length: 6 }, () => ({ project_id: 'shop', timestamp: ago(1) })),
    ...Array.from({ length: 4 }, () => ({ project_id: 'shop', timestamp: ago(30) })),
    { project_id: 'api', version: '9.9.9', level: 'CRITICAL', error: { type: 'ApiError' } },
    { project_id: 'api', environment: 'staging', error: { type: 'ApiError' } },
  ];
  for (const changes of sent) await program.report(changes);
});

const card = (page, name) => page.getByRole('region', { name });
const rows = (page, name) => card(page, name).locator('tbody tr').allInnerTexts();
const words = (texts) => texts.map((text) => text.split(/\s+/).filter(Boolean).join(' '));

test('reports are counted by everything, beside the time before', async () => {
  const { page, faults } = await opened('/statistics?range=24h');
  await card(page, 'By project').waitFor();
  await page.getByText('4 in the time before').waitFor();
  assert.deepEqual(words(await rows(page, 'By project')), [
    'shop 6 ↑ 50% more than in the time before',
    'api 2 new',
  ]);
  assert.deepEqual(words(await rows(page, 'By type')), [
    'TypeError 6 ↑ 50% more than in the time before',
    'ApiError 2 new',
  ]);
  assert.match(words(await rows(page, 'By environment'))[0], /^production 7/);
  assert.match(words(await rows(page, 'By version')).join(), /9\.9\.9 1 new/);
  assert.match(words(await rows(page, 'By level')).join(), /CRITICAL 1 new/);
  assert.deepEqual(faults, []);
});

test('a value narrows the page, and the address says so', async () => {
  const { page, faults } = await opened('/statistics?range=24h');
  await card(page, 'By project').getByRole('link', { name: 'api' }).click();
  await page.waitForURL(/project_id=api/);
  await card(page, 'By project').waitFor({ state: 'detached' });
  await card(page, 'By environment').getByRole('link', { name: 'staging' }).click();
  await page.waitForURL(/environment=staging/);
  await page.getByRole('main').getByRole('link', { name: /staging.*remove/ }).click();
  await page.waitForURL((url) => !url.search.includes('environment'));
  await page.getByRole('link', { name: '30 days' }).click();
  await page.waitForURL(/range=30d/);
  assert.deepEqual(faults, []);
});

test('the hours of the week are a table, and so are the bars', async () => {
  const { page, faults } = await opened('/statistics');
  const heat = page.getByRole('table', { name: 'By weekday and hour' });
  await heat.waitFor();
  const counts = await heat.locator('tbody td').allTextContents();
  assert.equal(counts.length, 7 * 24);
  assert.equal(counts.reduce((all, text) => all + Number(text), 0), 12);
  await page.getByText('As a table').click();
  await page.getByRole('columnheader', { name: 'From' }).waitFor();
  assert.deepEqual(faults, []);
});

test('the figures are saved as a file of comma-separated values', async () => {
  const { page, faults } = await opened('/statistics?range=24h');
  const [saved] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Download CSV' }).click(),
  ]);
  assert.match(saved.suggestedFilename(), /^log-center-24h-\d{4}-\d\d-\d\d\.csv$/);
  const lines = readFileSync(await saved.path(), 'utf8').split('\r\n');
  assert.equal(lines[0], 'by,key,since,until,reports,reports_before,change');
  const shop = lines.find((line) => line.startsWith('project,shop,'));
  assert.match(shop, /,6,4,0\.5$/);
  assert.equal(lines.filter((line) => line.startsWith('hour,')).length, 24);
  assert.deepEqual(faults, []);
});

test('it is for everyone: light, dark, three languages, a phone', async () => {
  assert.deepEqual(await faultsOf(opened, '/statistics', 'table a'), []);
});
