// The guide's ways of calling from a page of another origin, in a real browser.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { startBrowser, startPages, startProgram } from './program.mjs';

// What the guide has teams paste: a string by sendBeacon, else fetch that outlives the page.
const GUIDE = `
  function reportError(error, context) {
    const place = (error.stack || '').split('\\n')[1] || '';
    const match = place.match(/\\((.*):(\\d+):\\d+\\)/);
    const payload = {
      project_id: context.project_id,
      environment: 'production',
      level: 'ERROR',
      timestamp: new Date().toISOString(),
      version: '1.0.0',
      error: {
        type: error.name,
        message: error.message,
        file_path: match ? match[1] : 'unknown',
        line_number: match ? parseInt(match[2], 10) : 0,
        stack_trace: (error.stack || '').split('\\n'),
      },
      context: { url: location.href, userAgent: navigator.userAgent },
    };
    const url = LOG_CENTER_URL + '/api/v1/logs/report';
    if (context.beacon && navigator.sendBeacon) {
      return navigator.sendBeacon(url, JSON.stringify(payload));
    }
    return fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(payload),
      keepalive: true,
    }).then((answer) => answer.json());
  }
  function calculateTotal(cart) { return cart.items.total; }
  function fail() { try { calculateTotal({}); } catch (error) { return error; } }
`;

const AXIOS = `
  const client = axios.create({ baseURL: location.origin });
  client.interceptors.response.use((answer) => answer, async (error) => {
    if (error.config.url.includes('/logs/report')) return Promise.reject(error);
    window.reported = await axios.post(LOG_CENTER_URL + '/api/v1/logs/report', {
      project_id: 'axios_page',
      environment: 'production',
      level: 'ERROR',
      error: {
        type: 'AxiosError',
        message: error.message,
        file_path: error.config.url,
        line_number: 0,
        stack_trace: (error.stack || '').split('\\n'),
        code: 'RequestError',
      },
      context: {
        url: error.config.url,
        method: error.config.method,
        status: error.response && error.response.status,
        headers: error.config.headers,
      },
    }, { timeout: 3000 }).then((answer) => answer.data);
    return Promise.reject(error);
  });
`;

let program;
let pages;
let browser;

before(async () => {
  program = await startProgram();
  const url = `window.LOG_CENTER_URL = ${JSON.stringify(program.url)};`;
  // Axios' own file for browsers; its package does not export that path.
  const axios = createRequire(import.meta.url).resolve('axios/package.json');
  const axiosFile = join(dirname(axios), 'dist/axios.min.js');
  pages = await startPages({
    '/guide.js': url + GUIDE,
    '/axios.js': readFileSync(axiosFile, 'utf8'),
    '/shop': '<!doctype html><title>Shop</title><script src="/guide.js"></script>',
    '/next': '<!doctype html><title>Next</title>',
    '/axios': `<!doctype html><title>Axios</title><script src="/axios.js"></script>
      <script>${url}${AXIOS}</script>`,
  });
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await pages?.stop();
  await program?.stop();
});

test('a string sent by sendBeacon from another origin is stored', async () => {
  const page = await browser.newPage();
  await page.goto(`${pages.url}/shop`);
  const sent = await page.evaluate(
    () => reportError(fail(), { project_id: 'beacon_page', beacon: true }));
  assert.equal(sent, true);
  const [issue] = await program.issues('beacon_page');
  assert.equal(issue.type, 'TypeError');
  assert.match(issue.file_path, /guide\.js$/);
  assert.ok(issue.line_number > 0);
});

test('a beacon sent while the page goes away is stored', async () => {
  const page = await browser.newPage();
  await page.goto(`${pages.url}/shop`);
  await page.evaluate(() => addEventListener('pagehide', () => {
    reportError(fail(), { project_id: 'leaving_page', beacon: true });
  }));
  await page.goto(`${pages.url}/next`);
  assert.equal((await program.issues('leaving_page')).length, 1);
});

test('fetch with keepalive and JSON passes its preflight and reads the answer', async () => {
  const page = await browser.newPage();
  await page.goto(`${pages.url}/shop`);
  const call = () => page.evaluate(() => reportError(fail(), { project_id: 'fetch_page' }));
  const first = await call();
  const again = await call();
  assert.deepEqual([first.status, first.is_new], ['ok', true]);
  assert.deepEqual([again.status, again.is_new, again.id], ['duplicate', false, first.id]);
});

test('a page may read why its report was refused, and its request id', async () => {
  const page = await browser.newPage();
  await page.goto(`${pages.url}/shop`);
  const refused = await page.evaluate(async () => {
    const answer = await fetch(`${LOG_CENTER_URL}/api/v1/logs/report`, {
      method: 'POST', body: '{}', headers: { 'X-Request-Id': 'page-7' },
    });
    const body = await answer.json();
    return { status: answer.status, id: answer.headers.get('x-request-id'), code: body.code };
  });
  assert.deepEqual(refused, { status: 400, id: 'page-7', code: 'ValidationError' });
});

test("errors without a usable place get the culprit of their stack", async () => {
  const page = await browser.newPage();
  await page.goto(`${pages.url}/shop`);
  await page.evaluate(() => {
    const error = new TypeError('x is undefined');
    error.stack = 'pay@https://shop.example/src/pay.js:7:3\n@https://shop.example/src/app.js:9:1';
    return reportError(error, { project_id: 'firefox_page' });
  });
  const [issue] = await program.issues('firefox_page');
  assert.deepEqual([issue.file_path, issue.line_number], ['unknown', 0]);
  assert.match(issue.culprit, /pay\.js/);
});

test('another page may not read issues', async () => {
  const page = await browser.newPage();
  await page.goto(`${pages.url}/shop`);
  const outcome = await page.evaluate(() => fetch(`${LOG_CENTER_URL}/api/v1/issues`)
    .then(() => 'read', () => 'refused'));
  assert.equal(outcome, 'refused');
});

test('an Axios response interceptor reports a failed request and keeps its secrets', async () => {
  const page = await browser.newPage();
  await page.goto(`${pages.url}/axios`);
  const answer = await page.evaluate(async () => {
    const headers = { Authorization: 'Bearer abcdef-not-for-anybody' };
    await client.get('/api/orders/7', { headers }).catch(() => {});
    return window.reported;
  });
  assert.deepEqual([answer.status, answer.is_new], ['ok', true]);
  const [issue] = await program.issues('axios_page');
  assert.deepEqual([issue.type, issue.code, issue.file_path],
    ['AxiosError', 'RequestError', '/api/orders/7']);
  const { latest_event: event } = await program.ask(`/api/v1/issues/${issue.id}`);
  assert.equal(event.context.status, 500);
  assert.doesNotMatch(JSON.stringify(event), /not-for-anybody/);
});
