// Reading an issue: its workflow, trace, context, relations and events; the story of one request;
// and the palette. A report whose every field is markup harms nothing on any page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { watchedPage } from './program.mjs';
import { browser, opened as openedAt, program, serve } from './served.mjs';

serve();

async function opened(path, options) {
  const watched = await openedAt(path, options);
  await watched.page.locator('h1').first().waitFor();
  return watched;
}

const DEEP = [
  'TypeError: deep',
  '    at pay (/srv/app/pay.js:10:5)',
  ...Array.from({ length: 14 }, (_, n) =>
    `    at layer${n} (/srv/app/node_modules/express/lib/layer.js:${n + 1}:3)`),
  '    at main (/srv/app/main.js:3:1)',
];

test('library frames are folded, unfold in place, and raw is one click away', async () => {
  const { id } = await program.report({ project_id: 'deep', error: { stack_trace: DEEP } });
  const { page, faults } = await opened(`/issues/${id}`);
  await page.getByText('/srv/app/pay.js:10:5').waitFor();
  assert.equal(await page.getByText('layer13', { exact: true }).count(), 0);
  await page.getByRole('button', { name: 'Show 14 frames of express' }).click();
  await page.getByText('layer13', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Raw' }).click();
  assert.equal(await page.locator('pre[aria-label="Stack trace"]').textContent(), DEEP.join('\n'));
  await page.reload();
  await page.locator('pre[aria-label="Stack trace"]').waitFor();
  assert.deepEqual(faults, []);
});

test('a place opens in the chosen editor, in the folder that stands for it', async () => {
  const { id } = await program.report({ project_id: 'edited', error: { stack_trace: DEEP } });
  const { page, faults } = await opened(`/issues/${id}`);
  await page.getByRole('button', { name: 'Editor' }).click();
  await page.getByRole('combobox', { name: 'Editor' }).selectOption('vscode');
  await page.getByLabel('Paths in traces begin with').fill('/srv/app/');
  await page.getByLabel('Folder on this computer').fill('/home/me/shop');
  await page.getByLabel('Folder on this computer').press('Enter');
  await page.keyboard.press('Escape');
  const link = page.getByRole('link', { name: '/srv/app/pay.js:10:5' });
  assert.equal(await link.getAttribute('href'), 'vscode://file/home/me/shop/pay.js:10:5');
  assert.deepEqual(faults, []);
});

test('the stepper offers only what is allowed, and says who moved it', async () => {
  const { id } = await program.report({ project_id: 'stepped' });
  const { page, faults } = await opened(`/issues/${id}`);
  await page.getByLabel('Your name').first().fill('Kim');
  await page.getByLabel('Your name').first().press('Enter');
  assert.equal(await page.getByRole('button', { name: 'Mark as fixed' }).count(), 0);
  await page.getByLabel('Note (optional)').fill('seen on staging');
  await page.getByRole('button', { name: 'Start verifying' }).click();
  await page.getByRole('button', { name: 'Send now' }).click();
  await page.getByRole('button', { name: 'Cannot reproduce' }).waitFor();
  await page.getByRole('list', { name: 'The way to the fix' }).getByText('Kim').waitFor();
  await page.getByText('seen on staging').waitFor();
  assert.deepEqual(faults, []);
});

test('the context is searched, and a tag leads to the events that share it', async () => {
  const cart = { id: 7, lines: [{ sku: 'BD-1' }] };
  const context = { tags: { market: 'DE', plan: 'gold' }, cart };
  const filler = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`filler${n}`, n]));
  const project_id = 'searched_context';
  const { id } = await program.report({ project_id, context: { ...context, ...filler } });
  await program.report({ project_id, context: { tags: { market: 'FR' } } });
  const { page, faults } = await opened(`/issues/${id}`);
  await page.getByRole('list', { name: 'Tags' }).getByText('FR').waitFor();
  await page.keyboard.press('j');
  await page.getByPlaceholder('Search the context').fill('bd-1');
  await page.getByText('filler3:').waitFor({ state: 'detached' });
  await page.getByText('BD-1').waitFor();
  await page.getByRole('list', { name: 'Tags' }).getByRole('link', { name: /market/ }).click();
  await page.waitForURL(/\/events/);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForFunction(() => document.querySelectorAll('main ol.card > li').length === 1);
  assert.deepEqual(faults, []);
});

test('related issues are of the same request, or say the same at another line', async () => {
  const request_id = 'req-related-1';
  const { id } = await program.report({ project_id: 'rel_api', context: { request_id } });
  await program.report({ project_id: 'rel_api', error: { line_number: 99 } });
  const error = { type: 'AxiosError' };
  await program.report({ project_id: 'rel_web', error, context: { request_id } });
  const { page, faults } = await opened(`/issues/${id}`);
  const card = page.getByRole('region', { name: 'Related' });
  await card.getByRole('link', { name: /AxiosError/ }).waitFor();
  await card.getByRole('link', { name: /Cart\.tsx:99/ }).click();
  await page.getByText('#', { exact: false }).first().waitFor();
  await page.waitForFunction((first) => !location.pathname.endsWith(`/${first}`), id);
  assert.deepEqual(faults, []);
});

test('one request is told across projects in the order it happened', async () => {
  const request_id = 'req-story-1';
  const at = (second) => new Date(Date.UTC(2026, 0, 2, 3, 4, second)).toISOString();
  const parts = [['story_db', 3], ['story_web', 1], ['story_api', 2]];
  for (const [project_id, second] of parts) {
    await program.report({ project_id, timestamp: at(second), context: { request_id } });
  }
  const { page, faults } = await opened(`/events?request_id=${request_id}`);
  await page.getByText('story_web → story_api → story_db').waitFor();
  const order = await page.locator('main ol.card .project').allTextContents();
  assert.deepEqual(order, ['story_web', 'story_api', 'story_db']);
  assert.deepEqual(faults, []);
});

test('the palette goes to pages, projects and issues by keys alone', async () => {
  const { id } = await program.report({
    project_id: 'palette_shop',
    error: { type: 'RareError', message: 'only once', file_path: 'rare.py' },
  });
  const { page, faults } = await opened('/issues');
  const field = page.getByRole('dialog').getByRole('combobox');
  await page.keyboard.press('Control+k');
  await field.fill('palette_sh');
  await page.keyboard.press('Enter');
  await page.waitForURL(/project_id=palette_shop/);
  await page.keyboard.press('Control+k');
  await field.fill('RareError');
  await page.getByRole('option', { name: /RareError: only once/ }).waitFor();
  await page.keyboard.press('Enter');
  await page.waitForURL(`${program.url}/issues/${id}`);
  await page.keyboard.press('Control+k');
  await field.fill('Projects');
  await page.keyboard.press('Enter');
  await page.waitForURL(`${program.url}/projects`);
  await page.keyboard.press('Control+k');
  await field.fill('中文');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.documentElement.lang === 'zh-CN');
  assert.deepEqual(faults, []);
});

test('markup and script in every field harm nothing on any page', async () => {
  const hostile = '"\'><img src=x onerror="window.hacked=1"><script>window.hacked=2</script>';
  const link = `javascript:window.hacked=3//${hostile}`;
  const report = {
    project_id: 'hostile_all',
    environment: `e${hostile}`.slice(0, 64),
    version: hostile,
    commit_hash: hostile,
    error: {
      type: hostile,
      code: hostile,
      message: hostile,
      file_path: link,
      stack_trace: [hostile, `    at ${hostile} (${link}:1:2)`, `    at x (${hostile}:3:4)`],
    },
    context: {
      url: link,
      method: hostile,
      headers: { [hostile]: hostile, 'user-agent': hostile },
      query: { [hostile]: hostile },
      params: hostile,
      body: { [hostile]: [hostile] },
      request_id: 'hostile-request',
      user_id: hostile,
      userAgent: hostile,
      tags: { [hostile]: hostile, plain: hostile },
      breadcrumbs: [{ message: hostile, category: hostile, timestamp: hostile }, hostile],
      __proto__: { hostile },
      [hostile]: { [hostile]: hostile },
    },
  };
  const { id } = await program.report(report);
  await program.report({ ...report, error: { ...report.error, line_number: 43 } });
  const head = { 'content-type': 'application/json', 'x-log-center-user': 'A<b>"\'' };
  const api = `${program.url}/api/v1/issues/${id}`;
  const text = JSON.stringify({ text: hostile });
  await fetch(`${api}/comments`, { method: 'POST', headers: head, body: text });
  const assignee = hostile.slice(0, 64);
  const change = { status: 'VERIFYING', from: 'NEW', note: hostile, assignee };
  await fetch(api, { method: 'PATCH', headers: head, body: JSON.stringify(change) });

  const { page, faults } = await watchedPage(browser, program.url);
  await page.addInitScript(() => {
    window.broken = [];
    addEventListener('securitypolicyviolation', (one) => window.broken.push(one.violatedDirective));
  });
  const query = new URLSearchParams({ q: `type:${JSON.stringify(hostile)}` });
  const paths = [
    '/', '/issues?status=all', `/issues?project_id=hostile_all&status=all&${query}`,
    `/issues/${id}`, '/events?project_id=hostile_all', '/events?request_id=hostile-request',
    '/projects', '/projects/hostile_all', '/report?project_id=hostile_all', '/system',
  ];
  for (const path of paths) {
    await page.goto(program.url + path);
    await page.locator('h1').first().waitFor();
    await page.evaluate(() => new Promise((done) => setTimeout(done, 300)));
    if (path === '/issues?status=all') {
      await page.keyboard.press('/');
      await page.keyboard.type('type:');
      await page.getByRole('listbox', { name: 'Suggestions' }).getByText('window.hacked').waitFor();
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').getByRole('combobox').fill('hacked');
      await page.getByRole('option', { name: /window\.hacked/ }).first().waitFor();
    }
    const harm = await page.evaluate(() => ({
      hacked: window.hacked ?? null,
      broken: window.broken,
      images: document.querySelectorAll('img[onerror]').length,
      links: [...document.querySelectorAll('a[href]')].filter((one) =>
        !/^https?:$/.test(one.protocol)).map((one) => one.href),
    }));
    assert.deepEqual(harm, { hacked: null, broken: [], images: 0, links: [] }, path);
  }
  assert.deepEqual(faults.filter((one) => !one.includes('status of 400')), []);
});

test('names without a blank fit a phone on every page', async () => {
  const project = `project_${'long'.repeat(14)}`;
  const { id } = await program.report({
    project_id: project,
    environment: 'environment'.repeat(5),
    version: `2026.11-${'build'.repeat(40)}`,
    error: { type: 'Exception'.repeat(20), message: 'm'.repeat(300), file_path: 'd/'.repeat(200) },
    context: {
      request_id: 'narrow',
      user_id: 'u'.repeat(90),
      url: `https://shop.example/${'path'.repeat(40)}`,
      tags: { ['tag'.repeat(20)]: 'value'.repeat(30) },
    },
  });
  await program.report({ project_id: project, context: { request_id: 'narrow' } });
  const viewport = { width: 360, height: 740 };
  const of = `project_id=${project}`;
  const lists = ['issues', 'board', 'statistics', 'report'].map((page) => `/${page}?${of}`);
  const pages = ['/', '/projects', '/live', '/events?request_id=narrow', `/projects/${project}`];
  for (const path of [...lists, ...pages, `/issues/${id}`]) {
    const { page, context } = await opened(path, { viewport });
    const name = page.getByRole('main').getByText(/project_long|ExceptionException/).first();
    await name.waitFor({ state: 'attached' });
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wider <= 0, `${path}: ${wider} pixels too wide`);
    await context.close();
  }
});

test('on paper there is the issue, and nothing to press', async () => {
  const { id } = await program.report({ project_id: 'printed' });
  const { page } = await opened(`/issues/${id}`);
  await page.getByText('src/cart/Cart.tsx:42').first().waitFor();
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.getByRole('button').filter({ visible: true }).count(), 0);
  assert.ok(await page.getByRole('heading', { name: 'TypeError' }).isVisible());
  assert.ok(await page.getByText('src/cart/Cart.tsx:42').first().isVisible());
});
