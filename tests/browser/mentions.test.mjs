// Whom a rule mentions, and a webhook with a body of its own, as they are typed into the forms.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { findings } from './axe.mjs';
import { startBrowser, startProgram, watchedPage } from './program.mjs';

/** What a browser says of the one body that the server refuses in each test. */
const REFUSED = [
  'console: Failed to load resource: the server responded with a status of 400 (Bad Request)',
];

let program;
let browser;
let server;
const got = [];

before(async () => {
  server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    got.push(JSON.parse(body));
    response.writeHead(200).end('ok');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  program = await startProgram({ flags: ['--notify-allow', '127.0.0.1'] });
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await program?.stop();
  server?.close();
});

async function opened(path) {
  const watched = await watchedPage(browser, program.url);
  await watched.page.goto(program.url + path);
  return watched;
}

const button = (root, name) => root.getByRole('button', { name, exact: true });
const url = () => `http://127.0.0.1:${server.address().port}/hook`;

test('a webhook’s body is typed, looked at, and sent as it was shown', async () => {
  const { page, faults } = await opened('/notifications?add=webhook');
  await page.getByLabel('Address of the webhook').fill(url());
  const body = page.getByLabel('Body of your own (optional)');
  await body.fill('{ "text": ');
  await button(page, 'Show an example').click();
  await page.getByText('It has to be JSON: an object or an array.').waitFor();
  await body.fill('{ "text": "{{wat}}" }');
  await button(page, 'Add and send a test').click();
  await page.getByText(/\{\{wat\}\} is none of id, type, /).waitFor();
  await body.fill('{ "text": "{{level}}: {{error}}", "frames": "{{frames}}" }');
  await button(page, 'Show an example').click();
  const example = page.locator('pre');
  await example.getByText(/get_user \(apps\/users\/views\.py:42\)/).waitFor();
  const shown = JSON.parse(await example.innerText());
  assert.deepEqual(await findings(page), []);
  await button(page, 'Add and send a test').click();
  await page.getByText(/The test was taken after/).waitFor();
  assert.deepEqual(got.pop(), shown);
  const [{ template }] = (await program.ask('/api/v1/channels')).items;
  assert.deepEqual(template, { text: '{{level}}: {{error}}', frames: '{{frames}}' });
  await page.getByRole('link', { name: 'Change' }).click();
  assert.deepEqual(JSON.parse(await body.inputValue()), template);
  await body.fill('');
  await button(page, 'Save').click();
  await page.getByText(/is saved/).waitFor();
  assert.equal((await program.ask('/api/v1/channels')).items[0].template, null);
  assert.deepEqual(faults, REFUSED);
});

test('a rule says whom it mentions', async () => {
  const { page, faults } = await opened('/notifications/rules?add');
  await page.getByLabel('Name', { exact: true }).fill('Night');
  const people = page.getByLabel('Whom to mention (optional)');
  await people.fill('slack:ann');
  await button(page, 'Add a rule').click();
  await page.getByText(/a kind of channel and whom to mention there/).waitFor();
  await people.fill('slack:U024BE7LH，wecom:all');
  await button(page, 'Add a rule').click();
  const card = page.getByRole('article', { name: 'Night' });
  await card.getByText('Mentions slack:U024BE7LH, wecom:all.').waitFor();
  assert.deepEqual(await findings(page), []);
  const [rule] = (await program.ask('/api/v1/rules')).items;
  assert.deepEqual(rule.mentions, ['slack:U024BE7LH', 'wecom:all']);
  assert.deepEqual(faults, REFUSED);
});
