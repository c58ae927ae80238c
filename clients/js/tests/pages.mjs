// Pages of another origin than Log Center's, bundled from the examples, and Chromium.

import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';
import { compile } from 'svelte/compiler';
import { CLIENT } from './program.mjs';

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

const svelte = {
  name: 'svelte',
  setup(bundler) {
    bundler.onLoad({ filter: /\.svelte$/ }, ({ path }) => {
      const options = { filename: path, generate: 'client' };
      return { contents: compile(readFileSync(path, 'utf8'), options).js.code, loader: 'js' };
    });
  },
};

/** The packages of another version of React, as a bundler finds them. */
export const reactOf = (version) => ({
  react: join(CLIENT, `tests/libraries/node_modules/react${version}`),
  'react-dom': join(CLIENT, `tests/libraries/node_modules/react-dom${version}`),
});

/** An example as a bundler makes it. */
export async function bundle(file, centerUrl, { alias = {} } = {}) {
  const { outputFiles } = await build({
    entryPoints: [join(CLIENT, 'examples', file)],
    bundle: true,
    write: false,
    format: 'iife',
    jsx: 'automatic',
    conditions: ['browser', 'production'],
    define: {
      'import.meta.env.VITE_LOG_CENTER_URL': JSON.stringify(centerUrl),
      'process.env.NODE_ENV': '"production"',
    },
    alias,
    plugins: [svelte],
    logLevel: 'error',
  });
  return outputFiles[0].text;
}

/** Serves the pages, and an API that fails as it is asked to. */
export async function startPages(pages) {
  const calls = [];
  const server = createServer((request, response) => {
    const path = request.url.split('?')[0];
    if (path.startsWith('/api/')) {
      calls.push({ path, headers: request.headers });
      if (path === '/api/gone') {
        request.socket.destroy();
        return;
      }
      response.writeHead(Number(path.split('/').at(-1)) || 200, { 'content-type': 'text/plain' });
      response.end('answer');
      return;
    }
    const page = pages[path];
    const kind = path.endsWith('.js') ? 'text/javascript' : 'text/html; charset=utf-8';
    response.writeHead(page ? 200 : 404, { 'content-type': kind });
    response.end(page ?? '');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  return {
    url: `http://localhost:${port}`,
    calls,
    stop: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }),
  };
}

/** The line of a served script that holds a text. */
export const lineIn = (script, text) =>
  script.split('\n').findIndex((line) => line.includes(text)) + 1;
