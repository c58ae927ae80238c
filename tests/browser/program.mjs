// The real program on a free port, a page server of another origin, and Chromium.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

export const ROOT = resolve(import.meta.dirname, '../..');
const START_MS = 20_000;

/** The program under test: LOG_CENTER_BIN, else one that was built here. */
export function binary() {
  const target = resolve(ROOT, process.env.CARGO_TARGET_DIR ?? 'target');
  const named = process.env.LOG_CENTER_BIN;
  const built = ['ci', 'release', 'debug'].map((profile) => join(target, profile, 'log-center'));
  const found = [named, ...built].find((path) => path && existsSync(path));
  if (!found) throw new Error('build the program first, or name it in LOG_CENTER_BIN');
  return found;
}

/** Starts `log-center serve` with a folder of its own; or again, where another one was. */
export async function startProgram({ data, url: before, flags = [] } = {}) {
  data ??= mkdtempSync(join(tmpdir(), 'log-center-browser-'));
  const address = before ? new URL(before).host : '127.0.0.1:0';
  const words = ['serve', '--data', data, '--listen', address, ...flags];
  const child = spawn(binary(), words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const url = await new Promise((found, fail) => {
    const late = setTimeout(() => fail(new Error('the program did not start')), START_MS);
    createInterface({ input: child.stdout }).on('line', (line) => {
      const address = line.match(/127\.0\.0\.1:\d+/);
      if (!address) return;
      clearTimeout(late);
      found(`http://${address[0]}`);
    });
    child.on('exit', (code) => fail(new Error(`the program ended with ${code}`)));
  });
  return {
    url,
    data,
    async ask(path) {
      const answer = await fetch(url + path);
      if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
      return answer.json();
    },
    async report(changes = {}) {
      const body = JSON.stringify(report(changes));
      const answer = await fetch(`${url}/api/v1/logs/report`, { method: 'POST', body });
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
      return answer.json();
    },
    /** The issues of a project, once there are as many as wanted. */
    async issues(project, wanted = 1) {
      for (let left = 100; ; left -= 1) {
        const { items } = await this.ask(`/api/v1/issues?project_id=${project}`);
        if (items.length >= wanted || left === 0) return items;
        await new Promise((next) => setTimeout(next, 50));
      }
    },
    async stop({ keep = false } = {}) {
      child.removeAllListeners('exit');
      child.kill('SIGTERM');
      await once(child, 'exit');
      if (!keep) rmSync(data, { recursive: true, force: true });
    },
  };
}

/** A valid report. */
export function report({ error, ...changes } = {}) {
  return {
    project_id: 'web_shop',
    environment: 'production',
    level: 'ERROR',
    version: '3.1.0',
    error: {
      type: 'TypeError',
      message: "Cannot read properties of undefined (reading 'total')",
      file_path: 'src/cart/Cart.tsx',
      line_number: 42,
      stack_trace: [
        "TypeError: Cannot read properties of undefined (reading 'total')",
        '    at sum (https://shop.example/src/cart/Cart.tsx:42:17)',
        '    at Cart (https://shop.example/src/cart/Cart.tsx:57:5)',
      ],
      ...error,
    },
    ...changes,
  };
}

/** Serves pages (path to HTML or script) from another origin. Answers 500 to everything else. */
export async function startPages(pages) {
  const server = createServer((request, response) => {
    const path = request.url.split('?')[0];
    const page = pages[path];
    const kind = path.endsWith('.js') ? 'text/javascript' : 'text/html; charset=utf-8';
    response.writeHead(page ? 200 : 500, { 'content-type': page ? kind : 'application/json' });
    response.end(page ?? JSON.stringify({ message: 'the database is away' }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    // Another name than the program's, so that it is another site too.
    url: `http://localhost:${server.address().port}`,
    stop: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }),
  };
}

/** Debian's Chromium, or the one in CHROMIUM. */
export function startBrowser() {
  const known = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const executablePath = [process.env.CHROMIUM, ...known].find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('Chromium is not installed');
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
  });
}

/** Opens a page and gathers what must not happen in it: errors, and requests to other origins. */
export async function watchedPage(browser, origin, options = {}) {
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) faults.push(`console: ${message.text()}`);
  });
  page.on('request', (request) => {
    const url = request.url();
    const inside = url.startsWith(origin) || /^(data|blob):/.test(url);
    if (!inside) faults.push(`request: ${url}`);
  });
  page.on('requestfailed', (request) => {
    // A page that is left ends its own requests.
    const aborted = request.failure()?.errorText === 'net::ERR_ABORTED';
    if (!aborted) faults.push(`failed: ${request.url()}`);
  });
  // What is pressed while only the frame of index.html is there, nobody hears.
  const goto = page.goto.bind(page);
  page.goto = async (url, ...rest) => {
    const answer = await goto(url, ...rest);
    await page.waitForFunction(() => !document.querySelector('#app .frame-brand'));
    return answer;
  };
  return { page, faults, context };
}
