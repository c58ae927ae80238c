// Bundles the pages of a folder, serves them and opens each in Chromium; prints what was seen.
// Words: the folder, then the pages, such as react_shop.tsx.

import { build } from 'esbuild';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join, parse } from 'node:path';
import { pathToFileURL } from 'node:url';

const [tests, folder, ...names] = process.argv.slice(2);
const { startBrowser } = await import(pathToFileURL(join(tests, 'browser/program.mjs')));

/** The number of the line of a bundle that holds one of the marks. */
function line(text, ...marks) {
  return text.split('\n').findIndex((one) => marks.some((mark) => one.includes(mark))) + 1;
}

const bundles = {};
for (const name of names) {
  const done = await build({
    entryPoints: [join(folder, name)],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    legalComments: 'none',
    define: { 'process.env.NODE_ENV': '"production"', __VUE_OPTIONS_API__: 'true',
      __VUE_PROD_DEVTOOLS__: 'false', __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false' },
    write: false,
  });
  bundles[`/assets/${parse(name).name}-D1wrg_Ta.js`] = done.outputFiles[0].text;
}

const server = createServer((request, response) => {
  const path = request.url.split('?')[0];
  if (path.startsWith('/silent/')) return;
  const known = { '/failing': 500, '/missing': 404 }[path.slice(0, 8)];
  const kind = path.endsWith('.js') ? 'text/javascript' : 'text/html';
  response.writeHead(known ?? 200, { 'content-type': kind, 'x-request-id': 'req-42' });
  const script = path.replace('/page/', '/assets/').concat('-D1wrg_Ta.js');
  const page = `<!doctype html><body><script type="module" src="${script}"></script>`;
  response.end(bundles[path] ?? page);
});
server.listen(0, 'localhost');
await once(server, 'listening');
const origin = `http://localhost:${server.address().port}`;

const browser = await startBrowser();
const seen = {};
await Promise.all(Object.entries(bundles).map(async ([path, text]) => {
  const name = path.slice(8, -12);
  const page = await browser.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(error.message ?? String(error)));
  await page.goto(`${origin}/page/${name}?secret=1`);
  const began = Date.now();
  const ended = () => document.title.startsWith('done');
  const done = page.waitForFunction(ended, null, { timeout: 60_000 });
  await done.catch(() => faults.push(`${name} was not done`));
  const ms = Date.now() - began;
  // What takes its time: errors after the title, and the time-out of a fetch.
  await page.waitForTimeout(Number(process.env.STAY_MS ?? 300));
  seen[name] = {
    title: await page.title(),
    text: await page.evaluate(() => document.body.innerText),
    ms,
    faults,
    raised: line(text, 'JSON.parse(order)', 'JSON.parse("{")', 'by fetch'),
    uncaught: line(text, 'no bill', 'nobody waits'),
  };
}));
await browser.close();
server.closeAllConnections();
server.close();
console.log(JSON.stringify(seen));
