// From install.sh to the first error on a screen, as a newcomer goes.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { binary, ROOT, startBrowser } from './program.mjs';

test('from install.sh to the first error on screen', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'log-center-install-'));
  const browser = await startBrowser();
  t.after(async () => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const began = performance.now();
  const words = [join(ROOT, 'install.sh'), '--prefix', folder, binary()];
  const said = execFileSync('sh', words, { encoding: 'utf8' });
  const [, installed] = said.match(/Start it with: (.*)/);
  const flags = ['--data', join(folder, 'data'), '--listen', '127.0.0.1:0'];
  const child = spawn(installed, flags, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  });
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith('  curl ')) continue;
    execFileSync('sh', ['-c', line], { stdio: ['ignore', 'pipe', 'pipe'] });
    const page = await browser.newPage();
    await page.goto(line.match(/http:\/\/[^/]+/)[0]);
    await page.getByText('ValueError').first().waitFor();
    assert.match(await page.locator('body').innerText(), /hello/);
    break;
  }
  t.diagnostic(`${((performance.now() - began) / 1000).toFixed(2)} seconds`);
});
