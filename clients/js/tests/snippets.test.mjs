// The lines that the guide and the dashboard give to paste, as they stand there.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { startBrowser, startPages } from './pages.mjs';
import { CLIENT, ROOT, run, startLogCenter } from './program.mjs';

// Within the package, so that its name leads to it.
const FOLDER = 'tests/.cache/snippets';

let center;
before(async () => {
  center = await startLogCenter();
  mkdirSync(join(CLIENT, FOLDER), { recursive: true });
});
after(() => center.stop());

const written = (name, project) =>
  readFileSync(join(ROOT, 'docs/guide/snippets', name), 'utf8')
    .replace('http://localhost:8002', center.url)
    .replace('my_project', project);

test('a program of Node reports', async () => {
  const file = join(FOLDER, 'client-node.mjs');
  writeFileSync(join(CLIENT, file), written('client-node.mjs', 'pasted_node'));
  assert.equal(await run(file).ended(), 0);
  const [event] = await center.eventsIn('pasted_node');
  assert.equal(event.error.type, 'SyntaxError');
  assert.equal(event.error.file_path, file);
  assert.deepEqual([event.environment, event.context.order], ['production', 17]);
});

test('a Nest application reports', async (t) => {
  const file = join(FOLDER, 'client-nestjs.mjs');
  const module = `import 'reflect-metadata';
    import { Controller, Get, Module } from '@nestjs/common';
    class Shop { total() { return [].lines.reduce(); } }
    Get('total')(Shop.prototype, 'total', Object.getOwnPropertyDescriptor(Shop.prototype, 'total'));
    Controller()(Shop);
    export class AppModule {}
    Module({ controllers: [Shop] })(AppModule);`;
  writeFileSync(join(CLIENT, FOLDER, 'app.module.mjs'), module);
  const text = written('client-nestjs.ts', 'pasted_nest')
    .replace('./app.module', './app.module.mjs')
    .replace('listen(3000)', "listen(0, '127.0.0.1'); console.log(await app.getUrl())");
  writeFileSync(join(CLIENT, file), text);
  const program = run(file);
  t.after(() => program.stop());
  const answer = await fetch(`${await program.listening()}/total`);
  assert.equal(answer.status, 500);
  const [event] = await center.eventsOf(answer.headers.get('x-request-id'));
  assert.equal(event.project_id, 'pasted_nest');
  assert.equal(event.error.file_path, join(FOLDER, 'app.module.mjs'));
});

test('a page reports', async (t) => {
  const fail = '<script>onload = () => { throw new RangeError("pasted"); };</script>';
  const pages = await startPages({
    '/': `<!doctype html><head>${written('client-page.html', 'pasted_page')}${fail}</head>`,
  });
  t.after(() => pages.stop());
  const browser = await startBrowser();
  t.after(() => browser.close());
  const page = await browser.newPage();
  await page.goto(pages.url);
  const [event] = await center.eventsIn('pasted_page');
  assert.equal(event.error.type, 'RangeError');
  assert.equal(event.context.url, `${pages.url}/`);
});
