// Who is told what: a channel is added, tested and mended, a rule is written, and a real message is
// seen arriving at a vendor, which is a small server here.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { faultsOf } from './axe.mjs';
import { startBrowser, startProgram, watchedPage } from './program.mjs';

const HERE = '/notifications';
const RULES = '/notifications/rules';
const DELIVERIES = '/notifications/deliveries';

let program;
let browser;
let vendor;

/** Takes messages as long as `answer` says so, and keeps them. */
async function startVendor() {
  const taken = [];
  const state = { status: 200, body: 'ok' };
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += piece;
    taken.push({ path: request.url, body });
    response.writeHead(state.status);
    response.end(state.body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    state,
    taken,
    url: `http://127.0.0.1:${server.address().port}/hook/k3y-abcd`,
    stop: () => new Promise((done) => server.close(done)),
  };
}

before(async () => {
  vendor = await startVendor();
  program = await startProgram({ flags: ['--notify-allow', '127.0.0.1'] });
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await program?.stop();
  await vendor?.stop();
});

async function opened(path, options) {
  const watched = await watchedPage(browser, program.url, options);
  await watched.page.goto(program.url + path);
  return watched;
}

async function send(method, path, body) {
  const answer = await fetch(`${program.url}/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}

/** Without channels and rules, and with a vendor that takes everything. */
async function cleared() {
  for (const what of ['channels', 'rules']) {
    for (const { id } of (await program.ask(`/api/v1/${what}`)).items) {
      await send('DELETE', `/${what}/${id}`);
    }
  }
  vendor.taken.length = 0;
  Object.assign(vendor.state, { status: 200, body: 'ok' });
}

const slack = (name = 'Team chat') =>
  send('POST', '/channels', { name, kind: 'slack', url: vendor.url });

const card = (page, name) => page.getByRole('article', { name });
const button = (root, name) => root.getByRole('button', { name, exact: true });

test('with no channel the page says what to do, and one is added and tested', async () => {
  await cleared();
  const { page, faults } = await opened('/');
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await page.waitForURL(program.url + HERE);
  await page.getByRole('heading', { name: 'Nobody is told yet' }).waitFor();
  await page.getByRole('link', { name: 'Slack', exact: true }).click();
  await page.getByRole('heading', { name: 'New channel: Slack' }).waitFor();
  assert.equal(await page.getByLabel('Keyword (optional)').count(), 0, 'another vendor’s field');
  await page.getByText('Copy the address.').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('Team chat');
  await button(page, 'Add and send a test').click();
  await page.getByText('It is needed.').waitFor();
  const address = page.getByLabel('Address of the webhook');
  assert.ok(await address.evaluate((field) => field === document.activeElement));
  await address.fill(vendor.url);
  await page.keyboard.press('Enter');
  await card(page, 'Team chat').getByText(/The test was taken after/).waitFor();
  await card(page, 'Team chat').getByText('Works').waitFor();
  await card(page, 'Team chat').getByText('…abcd').waitFor();
  assert.equal(vendor.taken.length, 1);
  assert.match(vendor.taken[0].body, /Log Center/);
  assert.ok(!(await page.content()).includes('k3y-abcd'), 'the address is never shown again');
  assert.deepEqual(faults, []);
});

test('a real error arrives at the vendor and is seen among the deliveries', async () => {
  await cleared();
  await slack();
  const { page, faults } = await opened(DELIVERIES);
  await page.getByText('Nothing was sent yet.').waitFor();
  await program.report({ project_id: 'told', error: { type: 'PaymentFailed' } });
  const row = page.getByRole('main').getByRole('listitem').filter({ hasText: 'New' });
  await row.getByRole('link', { name: /PaymentFailed: / }).waitFor();
  await row.getByText('Team chat').waitFor();
  await row.getByText('Taken').waitFor();
  assert.equal(vendor.taken.length, 1);
  assert.match(vendor.taken[0].body, /PaymentFailed/);
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: 'PaymentFailed' }).waitFor();
  assert.deepEqual(faults, []);
});

test('a channel that fails says why, and what waited goes out when it is mended', async () => {
  await cleared();
  await slack();
  Object.assign(vendor.state, { status: 404, body: 'no_service' });
  await program.report({ project_id: 'failing', error: { type: 'Lost' } });
  const { page, faults } = await opened(HERE);
  const failing = card(page, 'Team chat');
  await failing.getByText('Fails').waitFor();
  await failing.getByText(/This hook does not exist any more, or is stopped/).waitFor();
  await failing.getByText('no_service').first().waitFor();
  await failing.getByRole('link', { name: '1 message waits' }).click();
  await page.waitForURL(/deliveries\?show=waiting&channel=\d+$/);
  await page.getByText('default rule').waitFor();
  await page.getByText('1 try').waitFor();
  await page.getByRole('link', { name: 'Not taken' }).click();
  await page.getByText('Channel to mend').waitFor();
  await page.getByRole('link', { name: 'Channels', exact: true }).click();
  await button(card(page, 'Team chat'), 'Send a test').click();
  await failing.getByText('The test was not taken.').waitFor();
  Object.assign(vendor.state, { status: 200, body: 'ok' });
  await button(card(page, 'Team chat'), 'Send a test').click();
  await failing.getByText(/The test was taken/).waitFor();
  await failing.getByText('Works').waitFor();
  await failing.getByRole('link', { name: /waits/ }).waitFor({ state: 'detached' });
  assert.match(vendor.taken.at(-1).body, /Lost/);
  assert.deepEqual(faults, []);
});

test('a stored secret is written over only when something is typed', async () => {
  await cleared();
  const { id } = await slack();
  const { page, faults } = await opened(HERE);
  await card(page, 'Team chat').getByRole('link', { name: 'Change' }).click();
  await page.waitForURL(`${program.url}${HERE}?edit=${id}`);
  const address = page.getByLabel('Address of the webhook');
  assert.equal(await address.inputValue(), '');
  const stored = 'Stored, ends with abcd. Type to replace it.';
  assert.equal(await address.getAttribute('placeholder'), stored);
  await page.getByLabel('Name', { exact: true }).fill('Renamed');
  await button(page, 'Save and send a test').click();
  await card(page, 'Renamed').getByText(/The test was taken/).waitFor();
  await card(page, 'Renamed').getByRole('link', { name: 'Change' }).click();
  await address.fill(`${vendor.url}-wxyz`);
  await button(page, 'Save').click();
  await card(page, 'Renamed').getByText('…wxyz').waitFor();
  assert.deepEqual(faults, []);
});

test('a channel is paused and removed, and a name is there once', async () => {
  await cleared();
  await slack();
  const { page, faults } = await opened(`${HERE}?add=webhook`);
  await page.getByLabel('Name', { exact: true }).fill('Team chat');
  await page.getByLabel('Address of the webhook').fill(vendor.url);
  await button(page, 'Make one up').click();
  await page.getByText('Copy it now: it is never shown again.').waitFor();
  await button(page, 'Add').click();
  await page.getByText('Another one has this name.').waitFor();
  // The browser writes every refusal into the console.
  assert.match(faults.splice(0).join(), /409/);
  await page.getByLabel('Name', { exact: true }).fill('Our bot');
  await button(page, 'Add').click();
  await card(page, 'Our bot').getByText('signed').waitFor();
  await button(card(page, 'Our bot'), 'Pause').click();
  await card(page, 'Our bot').getByText('Paused').waitFor();
  await button(card(page, 'Our bot'), 'Remove').click();
  const sure = page.getByRole('dialog', { name: 'Remove “Our bot”?' });
  await button(sure, 'Remove').click();
  await card(page, 'Our bot').waitFor({ state: 'detached' });
  assert.equal((await program.ask('/api/v1/channels')).items.length, 1);
  assert.deepEqual(faults, []);
});

test('the default rule is shown, and a rule of one’s own is read in words', async () => {
  await cleared();
  const { id } = await slack();
  const { page, faults } = await opened(RULES);
  await page.getByRole('heading', { name: 'The default rule holds' }).waitFor();
  const main = page.getByRole('main');
  const words = /New or regressed, ERROR and above, in live environments\s+→\s+(Where to)?\s*every/;
  assert.match((await main.innerText()).replaceAll('\n', ' '), words);
  await page.getByRole('link', { name: 'Add a rule' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Checkout');
  await page.getByRole('checkbox', { name: /^Regressed/ }).uncheck();
  await page.getByRole('checkbox', { name: /^New/ }).uncheck();
  await button(page, 'Add a rule').click();
  await page.getByText('Choose at least one.', { exact: true }).waitFor();
  await page.getByRole('checkbox', { name: /^Many at once/ }).check();
  await page.getByLabel('Reports', { exact: true }).fill('50');
  await page.getByLabel('Minutes', { exact: true }).fill('10');
  await page.getByRole('radio', { name: 'These:' }).first().check();
  await page.getByRole('textbox', { name: 'Environments' }).fill('production, eu-*');
  await page.getByRole('textbox', { name: 'Projects' }).fill('shop-*');
  await page.getByRole('radio', { name: 'These:' }).last().check();
  await page.getByRole('checkbox', { name: 'Team chat' }).check();
  await page.getByRole('checkbox', { name: /^Quiet hours/ }).check();
  await button(page, 'Add a rule').click();
  const added = card(page, 'Checkout');
  await added.getByText('50 reports within 10 min').waitFor();
  await added.getByText('in production or eu-*').waitFor();
  await added.getByText(/^Quiet from 22:00 to 08:00 and at weekends/).waitFor();
  const { items } = await program.ask('/api/v1/rules');
  const [rule] = items;
  assert.deepEqual(
    [rule.triggers, rule.reports, rule.minutes, rule.environments, rule.projects, rule.channels],
    [['frequent'], 50, 10, ['production', 'eu-*'], ['shop-*'], [id]],
  );
  assert.equal(rule.quiet.below, 'CRITICAL');
  await added.getByRole('link', { name: 'Change' }).click();
  assert.equal(await page.getByRole('textbox', { name: 'Projects' }).inputValue(), 'shop-*');
  await page.getByRole('textbox', { name: 'Projects' }).fill('');
  await button(page, 'Save').click();
  await added.getByText('of shop-*').waitFor({ state: 'detached' });
  await button(added, 'Remove').click();
  const sure = page.getByRole('dialog');
  await sure.getByText(/the default rule holds from then on/).waitFor();
  await button(sure, 'Remove').click();
  await page.getByRole('heading', { name: 'The default rule holds' }).waitFor();
  assert.deepEqual(faults, []);
});

test('the form of a second rule has every field of the first', async () => {
  await cleared();
  await slack();
  const { page, faults } = await opened(`${RULES}?add`);
  const fields = () => page.locator('main form label').allInnerTexts();
  const submit = button(page, 'Add a rule');
  await button(page, 'Try it on the last 7 days').waitFor();
  await page.getByText('By type, code, file, version or search').click();
  const first = await fields();
  for (const name of ['Files', 'Versions', 'Search', 'Whom to mention (optional)']) {
    assert.ok(first.includes(name), name);
  }
  await page.getByLabel('Name', { exact: true }).fill('First');
  await submit.click();
  await card(page, 'First').waitFor();
  await page.getByRole('link', { name: 'Add a rule' }).click();
  await button(page, 'Try it on the last 7 days').waitFor();
  await page.getByText('By type, code, file, version or search').click();
  assert.deepEqual(await fields(), first);
  for (const name of ['Spike', 'Spread', 'Trouble', 'Digest', 'After a deploy']) {
    await page.getByRole('checkbox', { name: new RegExp(`^${name}`) }).waitFor();
  }
  assert.deepEqual(faults, []);
});

test('the form of a rule stays within its card on a phone', async () => {
  await cleared();
  const triggers = ['created', 'moved', 'silent', 'digest', 'verdict'];
  const { id } = await send('POST', '/rules', { name: 'All', triggers });
  const phone = { locale: 'ru-RU', viewport: { width: 360, height: 800 } };
  const { page, faults, context } = await opened(`${RULES}?edit=${id}`, phone);
  await page.locator('main form select').first().waitFor();
  const outside = await page.locator('main form').evaluate((form) => {
    const { right } = form.getBoundingClientRect();
    const all = [...form.querySelectorAll('*:not(option)')];
    const beyond = all.filter((one) => one.getBoundingClientRect().right > right + 1);
    return beyond.map((one) => `${one.tagName} ${one.textContent.slice(0, 40)}`);
  });
  assert.deepEqual(outside, []);
  assert.deepEqual(faults, []);
  await context.close();
});

test('a rule says what it would have sent in the last week', async () => {
  await cleared();
  const { page, faults, context } = await watchedPage(browser, program.url);
  let asked = null;
  await page.route('**/api/v1/rules/preview', async (route) => {
    asked = route.request().postDataJSON();
    const item = { trigger: 'created', issue_id: 1, project_id: 'shop', type: 'Fell' };
    const items = [{ ...item, at: new Date().toISOString() }];
    const more = { days: 7, happenings: 4, complete: true, estimated: ['silent'] };
    await route.fulfill({ json: { messages: 4, items, ...more } });
  });
  await page.goto(program.url + RULES);
  await button(page, 'Try it on the last 7 days').click();
  await page.getByText('In the last 7 days it would have sent 4 messages.').waitFor();
  await page.getByText('Of these only a part can be told afterwards: Silence.').waitFor();
  await page.getByRole('link', { name: 'Fell' }).waitFor();
  assert.deepEqual([asked.level, asked.query], ['ERROR', null]);
  await page.getByRole('link', { name: 'Add a rule' }).click();
  await page.getByText('By type, code, file, version or search').click();
  await page.getByLabel('Search', { exact: true }).fill('count:>10');
  await page.getByRole('checkbox', { name: /^Spike/ }).check();
  await button(page, 'Try it on the last 7 days').click();
  await page.getByText(/would have sent 4 messages/).waitFor();
  assert.deepEqual([asked.triggers, asked.query], [['created', 'regressed', 'spike'], 'count:>10']);
  await page.getByLabel('Search', { exact: true }).fill('count:>11');
  await page.getByText(/would have sent 4 messages/).waitFor({ state: 'detached' });
  assert.deepEqual(faults, []);
  await context.close();
});

test('a digest has its day and hour, and a verdict its hours', async () => {
  await cleared();
  await slack();
  const { page, faults } = await opened(`${RULES}?add`);
  await page.getByLabel('Name', { exact: true }).fill('Mondays');
  await page.getByRole('checkbox', { name: /^Digest/ }).check();
  await page.getByLabel('How often').selectOption('week');
  await page.getByLabel('At', { exact: true }).fill('08:30');
  await page.getByLabel('Time zone').first().selectOption('480');
  await page.getByRole('checkbox', { name: /^After a deploy/ }).check();
  await page.getByRole('spinbutton', { name: 'Hours after a deploy' }).fill('99');
  await button(page, 'Add a rule').click();
  await page.getByText('From 1 to 72.').waitFor();
  await page.getByRole('spinbutton', { name: 'Hours after a deploy' }).fill('6');
  await button(page, 'Add a rule').click();
  const card = page.getByRole('article').filter({ hasText: 'Mondays' });
  await card.getByText(/a digest on Mondays at 08:30 \(UTC\+8\)/).waitFor();
  await card.getByText(/how a deploy went after 6 hours/).waitFor();
  const rules = (await program.ask('/api/v1/rules')).items;
  const { id, digest, hours } = rules.find(({ name }) => name === 'Mondays');
  await send('DELETE', `/rules/${id}`);
  assert.deepEqual(digest, { every: 'week', at: '08:30', tz_offset_minutes: 480 });
  assert.equal(hours, 6);
  assert.deepEqual(faults, []);
});

test('what stands in the configuration file is shown and not offered to be changed', async () => {
  const file = join(tmpdir(), `log-center-${process.pid}.toml`);
  const url = 'https://hooks.example.org/x';
  writeFileSync(file, `[[channel]]\nname = "team"\nkind = "slack"\nurl = "${url}"
[[rule]]\nname = "payments"\nchannels = ["team"]\nprojects = ["pay-*"]\n`);
  const other = await startProgram({ flags: ['--config', file] });
  try {
    const { page, faults, context } = await watchedPage(browser, other.url);
    for (const [path, name] of [[HERE, 'team'], [RULES, 'payments']]) {
      await page.goto(other.url + path);
      const card = page.getByRole('article').filter({ hasText: name });
      await card.getByText('in the file').waitFor();
      for (const act of ['Pause', 'Remove']) {
        assert.equal(await card.getByRole('button', { name: act }).count(), 0);
      }
      assert.equal(await card.getByRole('link', { name: 'Change' }).count(), 0);
      await page.goto(`${other.url}${path}?edit=1`);
      await page.getByText('Change it there.').waitFor();
    }
    assert.deepEqual(faults, []);
    await context.close();
  } finally {
    await other.stop();
  }
});

test('what was given up can be tried again', async () => {
  await cleared();
  await slack();
  Object.assign(vendor.state, { status: 400, body: 'invalid_blocks' });
  await program.report({ project_id: 'given-up', error: { type: 'Unwanted' } });
  const { page, faults } = await opened(`${DELIVERIES}?show=dead`);
  await page.getByRole('link', { name: /Unwanted/ }).waitFor();
  Object.assign(vendor.state, { status: 200, body: 'ok' });
  await button(page, 'Try again').click();
  await page.getByText('1 message is tried again.').waitFor();
  await page.getByText('Nothing was given up.').waitFor();
  await page.getByRole('link', { name: 'Taken', exact: true }).click();
  await page.getByRole('link', { name: /Unwanted/ }).waitFor();
  assert.deepEqual(faults, []);
});

test('the palette and the sheet of keys know the page', async () => {
  const { page, faults } = await opened('/issues');
  await page.getByRole('heading', { name: 'Issues' }).waitFor();
  await page.keyboard.press('?');
  await page.getByRole('dialog').getByText('Go to notifications').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('notific');
  await page.getByRole('option', { name: /Notifications/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(program.url + HERE);
  assert.deepEqual(faults, []);
});

test('it is for everyone: light, dark, three languages, a phone', async () => {
  await cleared();
  assert.deepEqual(await faultsOf(opened, HERE, 'main h2'), []);
  await slack();
  Object.assign(vendor.state, { status: 404, body: 'no_service' });
  const [{ id }] = (await program.ask('/api/v1/channels')).items;
  await send('POST', `/channels/${id}/test`);
  assert.deepEqual(await faultsOf(opened, HERE, 'article'), []);
  assert.deepEqual(await faultsOf(opened, `${HERE}?add=feishu`, 'form input'), []);
  assert.deepEqual(await faultsOf(opened, `${RULES}?add`, 'form fieldset'), []);
  assert.deepEqual(await faultsOf(opened, RULES, 'main h2'), []);
  assert.deepEqual(await faultsOf(opened, DELIVERIES, 'main ol li'), []);
});
