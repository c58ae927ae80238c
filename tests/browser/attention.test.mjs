// The first page: what is new, came back or rises since the reader last looked.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { faultsOf } from './axe.mjs';
import { report } from './program.mjs';
import { opened, program, serve } from './served.mjs';

const SOON = { timeout: 12_000 };

serve();

/** Many reports at once. */
async function storm(n, changesOf) {
  for (let done = 0; done < n; done += 500) {
    const size = Math.min(500, n - done);
    const reports = Array.from({ length: size }, (_, at) => report(changesOf(done + at)));
    const body = JSON.stringify(reports);
    const answer = await fetch(`${program.url}/api/v1/logs/report/batch`, { method: 'POST', body });
    assert.equal(answer.status, 200);
  }
}

async function change(id, body) {
  const answer = await fetch(`${program.url}/api/v1/issues/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.equal(answer.status, 200);
}

function list(page, name) {
  return page.getByRole('region', { name });
}

test('what is new and what came back stand in lists of their own', async () => {
  await program.report({ project_id: 'lists', error: { type: 'FreshError' } });
  const again = { project_id: 'lists', error: { type: 'OldError', line_number: 9 } };
  const { id } = await program.report(again);
  await change(id, { status: 'DEPLOYED', path: true, version: '3.0.0' });
  await program.report({ ...again, version: '3.2.0' });
  const { page, faults } = await opened('/');
  await list(page, 'New').getByRole('link', { name: /FreshError/ }).waitFor();
  await list(page, 'Came back after a deploy').getByRole('link', { name: /OldError/ }).waitFor();
  assert.equal(await list(page, 'New').getByRole('link', { name: /OldError/ }).count(), 0);
  assert.deepEqual(faults, []);
});

test('a storm is one card, and so are a thousand new issues of one kind', async () => {
  await storm(1_500, () => ({ project_id: 'storm', version: '9.1.0', error: { type: 'Flood' } }));
  await storm(1_000, (at) => ({ project_id: 'kinds', error: { type: 'Kind', line_number: at } }));
  const { page, faults } = await opened('/');
  const card = page.getByRole('article').filter({ hasText: 'Flood' });
  await card.getByText(/reports of one new issue since version 9\.1\.0, \d\d:\d\d/).waitFor();
  await card.getByText('1,500').first().waitFor();
  const kinds = page.getByRole('article').filter({ hasText: 'kinds' });
  await kinds.getByText('1,000').first().waitFor();
  await kinds.getByRole('link', { name: 'Show 1,000 issues' }).click();
  await page.getByRole('main').getByText('1,000 issues').waitFor();
  assert.equal(await page.getByRole('article').count(), 0);
  assert.deepEqual(faults, []);
});

test('the next visit begins where the last one ended', async () => {
  await program.report({ project_id: 'visit', error: { type: 'SeenError' } });
  const { page, faults } = await opened('/');
  const fresh = list(page, 'New');
  await fresh.waitFor();
  await page.getByRole('button', { name: 'Mark all as seen' }).click();
  await page.getByText('All quiet').waitFor();
  await page.reload();
  await page.getByText('Since you last looked').waitFor();
  await page.getByText('All quiet').waitFor();
  await program.report({ project_id: 'visit', error: { type: 'LaterError', line_number: 2 } });
  await fresh.getByRole('link', { name: /LaterError/ }).waitFor(SOON);
  assert.equal(await fresh.getByRole('link', { name: /SeenError/ }).count(), 0);
  await page.getByRole('link', { name: '24 h' }).click();
  await page.waitForURL(/look=24h/);
  await page.getByText('Flood').first().waitFor();
  assert.deepEqual(faults, []);
});

test('rows stay where they are while others come, which are offered', async () => {
  const { page, faults } = await opened('/');
  await page.getByRole('button', { name: 'Mark all as seen' }).click();
  await program.report({ project_id: 'calm', error: { type: 'FirstError' } });
  const fresh = list(page, 'New');
  await fresh.getByRole('link', { name: /FirstError/ }).waitFor(SOON);
  await program.report({ project_id: 'calm', error: { type: 'NextError', line_number: 2 } });
  await page.getByRole('button', { name: '1 new, show' }).click(SOON);
  await fresh.getByRole('link', { name: /NextError/ }).waitFor();
  assert.deepEqual(faults, []);
});

test('a row is verified by keys alone', async () => {
  const { page, faults } = await opened('/');
  await page.getByRole('button', { name: 'Mark all as seen' }).click();
  const { id } = await program.report({ project_id: 'keys', error: { type: 'KeyedError' } });
  await list(page, 'New').getByRole('link', { name: /KeyedError/ }).waitFor(SOON);
  await page.keyboard.press('j');
  await page.keyboard.press('e');
  await page.getByRole('dialog').getByRole('radio', { name: 'Verifying' }).check();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Send now' }).click();
  await page.getByText('All quiet').waitFor(SOON);
  assert.equal((await program.ask(`/api/v1/issues/${id}`)).status, 'VERIFYING');
  assert.deepEqual(faults, []);
});

test('an old link to the list leads to the list', async () => {
  const { page } = await opened('/?project_id=lists&status=all');
  await page.waitForURL(/\/issues\?project_id=lists&status=all$/);
  await page.getByRole('heading', { level: 1, name: 'lists' }).waitFor();
});

test('the first page is at most 60 kB of script and style', async () => {
  const { page } = await opened('/');
  await page.getByRole('heading', { name: 'Needs attention' }).waitFor();
  const html = await (await fetch(program.url)).text();
  const parts = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+\.(?:js|css))"/g)];
  let bytes = 0;
  for (const [, path] of parts) {
    const part = Buffer.from(await (await fetch(program.url + path)).arrayBuffer());
    bytes += brotliCompressSync(part).length;
  }
  assert.ok(parts.length >= 4);
  assert.ok(bytes <= 60_000, `${bytes} bytes of brotli`);
});

test('it is for everyone: light, dark, three languages, a phone', async () => {
  assert.deepEqual(await faultsOf(opened, '/', 'article'), []);
});
