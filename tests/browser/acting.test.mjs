// A link in a message, opened by the person who got it: a page that says what it does, a button.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { faultsOf } from './axe.mjs';
import { startBrowser, startProgram, watchedPage } from './program.mjs';

let program;
let browser;
let vendor;
const messages = [];

before(async () => {
  vendor = createServer((request, response) => {
    const parts = [];
    request.on('data', (part) => parts.push(part)).on('end', () => {
      messages.push(JSON.parse(Buffer.concat(parts)));
      response.end();
      vendor.emit('message');
    });
  });
  vendor.listen(0, '127.0.0.1');
  await once(vendor, 'listening');
  const flags = ['--notify-allow', '127.0.0.1', '--public-url', 'http://localhost:8002'];
  program = await startProgram({ flags });
  browser = await startBrowser();
  await change('POST', '/api/v1/channels', {
    name: 'team', kind: 'webhook', url: `http://127.0.0.1:${vendor.address().port}/hook`,
  });
  const told = once(vendor, 'message');
  await program.report();
  await told;
});

after(async () => {
  await browser?.close();
  await program?.stop();
  vendor?.close();
});

async function change(method, path, body) {
  const headers = { 'Content-Type': 'application/json' };
  const answer = await fetch(program.url + path, { method, headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
}

/** The page of a link, as this program serves it. */
function pathOf(act) {
  const { actions } = messages[0].data;
  return new URL(actions[act]).pathname + new URL(actions[act]).hash;
}

async function open(path, options) {
  const watched = await watchedPage(browser, program.url, options);
  await watched.page.goto(program.url + path);
  return watched;
}

test('a claim asks for a name, and says when somebody has it', async () => {
  const { page, faults, context } = await open(pathOf('claim'));
  const lead = await page.locator('#lead:not(:empty)').textContent();
  assert.match(lead, /Take on issue 1 of web_shop/);
  await page.getByLabel('Your name').fill('Vera');
  await page.getByRole('button', { name: 'I take it' }).click();
  await page.getByText('Done.').waitFor();
  assert.deepEqual(faults, []);
  const issue = await program.ask('/api/v1/issues/1');
  assert.equal(issue.assignee, 'Vera');
  await page.reload();
  await page.getByText('This link was used already.').waitFor();
  await page.getByRole('link', { name: 'Open the issue' }).click();
  await page.waitForURL('**/issues/1');
  await context.close();
});

test('opening a page does nothing', async () => {
  const { page, context } = await open(pathOf('mute'), { locale: 'ru-RU' });
  await page.getByRole('button', { name: 'Заглушить на сутки' }).waitFor();
  assert.equal((await program.ask('/api/v1/issues/1')).muted_until, null);
  await page.getByRole('button', { name: 'Заглушить на сутки' }).click();
  await page.getByText('Готово.').waitFor();
  assert.ok((await program.ask('/api/v1/issues/1')).muted_until.at);
  await context.close();
});

test('a link that was changed is told so', async () => {
  const { page, context } = await open(`${pathOf('verify')}x`, { locale: 'zh-CN' });
  await page.getByText('此链接无效或已过期').waitFor();
  assert.equal(await page.locator('#form').isVisible(), false);
  await context.close();
});

test('the page can be read by everybody', async () => {
  assert.deepEqual(await faultsOf(open, pathOf('verify'), '#send:not(:empty)'), []);
});
