// The package as it is published: complete, small, without dependencies, and usable from TypeScript
// and JavaScript in both module formats.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';
import { publint } from 'publint';
import { CLIENT, ROOT } from './program.mjs';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const about = require('../package.json');
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
const SCRIPT_BYTES_MAX = 5_000;

let folder;
let packed;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-center-package-'));
  const words = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  packed = JSON.parse(execFileSync('npm', words, { cwd: CLIENT, encoding: 'utf8' }))[0];
  writeFileSync(join(folder, 'package.json'), '{"name":"fresh","private":true,"type":"module"}');
  const install = ['install', '--offline', '--no-audit', '--no-fund', `./${packed.filename}`];
  execFileSync('npm', install, { cwd: folder, stdio: 'pipe' });
});
after(() => rmSync(folder, { recursive: true, force: true }));

test('it brings nothing along', () => {
  assert.equal(about.dependencies, undefined);
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
  const installed = Object.keys(lock.packages).filter(Boolean);
  assert.deepEqual(installed, ['node_modules/log-center']);
});

test('its version is that of Log Center', () => {
  const cargo = readFileSync(join(ROOT, 'Cargo.toml'), 'utf8');
  assert.equal(about.version, /^version = "(.*)"$/m.exec(cargo)[1]);
});

test('it holds what it needs and nothing else', () => {
  const files = packed.files.map((one) => one.path);
  for (const path of ['README.md', 'LICENSE', 'browser/log-center.js', 'dist/esm/node.d.ts']) {
    assert.ok(files.includes(path), path);
  }
  const known = /^(dist|browser)\/|^(README.md|LICENSE|package.json)$/;
  const foreign = files.filter((path) => !known.test(path));
  assert.deepEqual(foreign, []);
  const { size, unpackedSize } = packed;
  console.log(`packed ${size} bytes, unpacked ${unpackedSize}, ${files.length} files`);
});

test('publint and attw find no fault', async () => {
  const { messages } = await publint({ pkgDir: CLIENT, strict: true });
  assert.deepEqual(messages, []);
  const attw = require.resolve('@arethetypeswrong/cli/package.json');
  const cli = join(dirname(attw), 'dist/index.js');
  const words = [cli, join(folder, packed.filename), '--format', 'ascii'];
  const without = ['--exclude-entrypoints', 'log-center.js'];
  const { stdout } = await run(process.execPath, [...words, ...without]);
  const verdicts = stdout.split('\n').filter((line) => /^(node10|node16|bundler)/.test(line));
  assert.ok(verdicts.length > 30 && verdicts.every((line) => line.includes('🟢')), stdout);
});

test('every entry works by import and by require', async () => {
  const entries = Object.keys(about.exports).filter((one) => !/\.js(on)?$/.test(one));
  // Those that need their framework are met in its own tests.
  const alone = entries.filter((one) => !['./react', './nestjs'].includes(one));
  const names = alone.map((one) => one.replace('.', 'log-center'));
  const use = (load) => `${JSON.stringify(names)}.map(async (name) => {
    const all = ${load}; if (!Object.keys(all).length) throw new Error(name); });`;
  for (const [file, load] of [['a.mjs', 'await import(name)'], ['a.cjs', 'require(name)']]) {
    writeFileSync(join(folder, file), use(load));
    await run(process.execPath, [join(folder, file)]);
  }
});

test('strict TypeScript takes it, with and without the types of Node', async () => {
  const source = `import { init, reportError, AppError, type Options } from 'log-center';
    const options: Options = { url: 'http://localhost:8002', project: 'fresh' };
    init(options);
    reportError(new AppError('no', { info: { field: 'a' } }), { orderId: 7 });
    import { errorHandler } from 'log-center/express';
    export const handler = errorHandler({ answer: true });`;
  writeFileSync(join(folder, 'fresh.ts'), source);
  writeFileSync(join(folder, 'fresh.cts'), source);
  const flags = ['--noEmit', '--strict', '--exactOptionalPropertyTypes', '--target', 'es2022'];
  const files = ['fresh.ts', 'fresh.cts'];
  for (const module of ['nodenext', 'preserve']) {
    const words = [tsc, ...flags, '--types', '', '--module', module, ...files];
    await run(process.execPath, words, { cwd: folder }).catch((error) => {
      throw new Error(error.stdout);
    });
  }
});

test('its types fit those of the frameworks', async () => {
  const words = [tsc, '-p', 'tests/types/tsconfig.json'];
  await run(process.execPath, words, { cwd: CLIENT }).catch((error) => {
    throw new Error(error.stdout);
  });
});

test('a bundler takes the browser client, and only what is used of it', async () => {
  const entry = join(folder, 'page.mjs');
  const bundled = async (source) => {
    writeFileSync(entry, source);
    const { outputFiles } = await build({
      entryPoints: [entry],
      bundle: true,
      minify: true,
      write: false,
      platform: 'browser',
      format: 'esm',
      logLevel: 'error',
    });
    const bytes = Buffer.from(outputFiles[0].contents);
    return { text: outputFiles[0].text, packed: brotliCompressSync(bytes).length };
  };
  const page = await bundled("import { init } from 'log-center'; init({ project: 'a' });");
  assert.ok(!/from\s*"node:|require\("/.test(page.text), 'nothing of Node');
  const script = readFileSync(join(CLIENT, 'browser/log-center.js'));
  const size = brotliCompressSync(script).length;
  console.log(`in a bundle ${page.packed} bytes of brotli; the one file ${size}`);
  assert.ok(size < SCRIPT_BYTES_MAX, `${size} bytes`);
  assert.ok(page.packed < 12_000, `${page.packed} bytes`);
});
