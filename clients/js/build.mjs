// Makes dist/ (ES modules, CommonJS, types) and browser/log-center.js, the one file for pages
// without a bundler, which the server holds and serves.

import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { build } from 'esbuild';

const here = import.meta.dirname;
const typescript = createRequire(import.meta.url).resolve('typescript/package.json');
const tsc = join(dirname(typescript), 'bin/tsc');

rmSync(join(here, 'dist'), { recursive: true, force: true });
for (const project of ['tsconfig.json', 'tsconfig.cjs.json']) {
  execFileSync(process.execPath, [tsc, '-p', project], { cwd: here, stdio: 'inherit' });
}
// The package is made of ES modules; these are the exception.
writeFileSync(join(here, 'dist/cjs/package.json'), '{"type":"commonjs"}\n');

const script = join(here, 'browser/log-center.js');
await build({
  entryPoints: [join(here, 'src/script.ts')],
  outfile: script,
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2020',
  // Fields as assignments, or browsers of that time need a helper for them.
  tsconfigRaw: { compilerOptions: { useDefineForClassFields: false } },
  legalComments: 'none',
});
const bytes = readFileSync(script);
console.log(`browser/log-center.js: ${bytes.length} bytes, ${brotliCompressSync(bytes).length} br`);
