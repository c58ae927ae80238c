// The board: cards are moved by the mouse and by keys, only to where the workflow leads.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faultsOf } from './axe.mjs';
import { opened as openedAt, program, serve } from './served.mjs';

const SOON = { timeout: 8_000 };

serve();

function opened(path, options) {
  return openedAt(path, { viewport: { width: 1900, height: 900 }, ...options });
}

/** A board with one card of its own. */
async function boardOf(project, moved) {
  const { id } = await program.report({ project_id: project, error: { type: `${project}Error` } });
  if (moved) await change(id, { status: moved, path: true });
  const watched = await opened(`/board?project_id=${project}`);
  await card(watched.page, project).waitFor();
  return { ...watched, id };
}

function change(id, body) {
  return fetch(`${program.url}/api/v1/issues/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

const column = (page, name) => page.getByRole('region', { name, exact: false }).first();
const card = (page, project) => page.getByRole('listitem').filter({ hasText: `${project}Error` });
const status = async (id) => (await program.ask(`/api/v1/issues/${id}`)).status;

test('a card is dragged to where it may go, and can be taken back before it is sent', async () => {
  const { page, id, faults } = await boardOf('dragged');
  await card(page, 'dragged').dragTo(column(page, /^Verifying/));
  await column(page, /^Verifying/).getByText('draggedError').waitFor(SOON);
  await page.getByRole('button', { name: 'Undo' }).click();
  await column(page, /^New/).getByText('draggedError').waitFor(SOON);
  assert.equal(await status(id), 'NEW');
  await card(page, 'dragged').dragTo(column(page, /^Verifying/));
  const sent = page.waitForRequest((request) => request.method() === 'PATCH');
  await page.getByRole('button', { name: 'Send now' }).click();
  assert.deepEqual((await sent).postDataJSON(), { status: 'VERIFYING', from: 'NEW' });
  await page.getByRole('button', { name: 'Send now' }).waitFor({ state: 'detached' });
  assert.equal(await status(id), 'VERIFYING');
  assert.deepEqual(faults, []);
});

test('a column that the workflow does not lead to takes no card', async () => {
  const { page, id, faults } = await boardOf('refused');
  await card(page, 'refused').dragTo(column(page, /^Fixing/));
  assert.equal(await page.getByRole('button', { name: 'Undo' }).count(), 0);
  await column(page, /^New/).getByText('refusedError').waitFor();
  assert.equal(await status(id), 'NEW');
  assert.deepEqual(faults, []);
});

test('a card is walked to, picked up and put down by keys alone', async () => {
  const { page, id, faults } = await boardOf('keyed', 'VERIFYING');
  await page.keyboard.press('j');
  await page.keyboard.press('Space');
  await page.getByText(/keyedError picked up/).waitFor({ state: 'attached' });
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  await column(page, /^Needs a fix/).getByText('keyedError').waitFor(SOON);
  await page.getByRole('button', { name: 'Send now' }).click();
  await page.getByRole('button', { name: 'Send now' }).waitFor({ state: 'detached' });
  assert.equal(await status(id), 'PENDING_FIX');
  assert.deepEqual(faults, []);
});

test('who was second is told who was first, and the card stands where it is', async () => {
  const { page, id } = await boardOf('raced');
  await card(page, 'raced').dragTo(column(page, /^Verifying/));
  await column(page, /^Verifying/).getByText('racedError').waitFor(SOON);
  await change(id, { status: 'PENDING_FIX', path: true });
  await page.getByRole('button', { name: 'Send now' }).click();
  await page.getByText(/moved it first/).waitFor(SOON);
  await column(page, /^Needs a fix/).getByText('racedError').waitFor(SOON);
});

test('what has to be asked is asked before the move', async () => {
  const { page, id, faults } = await boardOf('asked', 'VERIFIED');
  await card(page, 'asked').dragTo(column(page, /^Deployed/));
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Version that was deployed').fill('4.0.0');
  await dialog.getByRole('button', { name: 'Move 1 issue' }).click();
  await page.getByRole('button', { name: 'Send now' }).click();
  await page.getByRole('button', { name: 'Send now' }).waitFor({ state: 'detached' });
  assert.equal(await status(id), 'DEPLOYED');
  assert.deepEqual(faults, []);
});

test('what others do is seen without a reload', async () => {
  const { page, id, faults } = await boardOf('others');
  await page.getByRole('banner').getByText('Live', { exact: true }).waitFor();
  await change(id, { status: 'FIXING', path: true });
  await column(page, /^Fixing/).getByText('othersError').waitFor(SOON);
  assert.deepEqual(faults, []);
});

test('it is for everyone: light, dark, three languages, a phone', async () => {
  assert.deepEqual(await faultsOf(opened, '/board', '[data-status] a[data-row]'), []);
});
