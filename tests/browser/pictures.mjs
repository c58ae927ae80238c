// Makes the README's pictures from the program itself: node tests/browser/pictures.mjs

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, binary, startBrowser, startProgram, watchedPage } from './program.mjs';

const SIZE = { width: 1280, height: 800 };
/** Nothing was added to the page for so long: it loads in parts. */
const QUIET_MS = 700;

const data = mkdtempSync(join(tmpdir(), 'log-center-pictures-'));
const made = spawnSync(binary(), ['demo', '--data', data, '-q']);
if (made.status !== 0) throw new Error(String(made.stderr));
const program = await startProgram({ data });
const browser = await startBrowser();

async function picture(name, path, colorScheme) {
  const look = { viewport: SIZE, colorScheme, reducedMotion: 'reduce' };
  const { page, context, faults } = await watchedPage(browser, program.url, look);
  await page.goto(program.url + path, { waitUntil: 'load' });
  await page.locator('main h1').first().waitFor();
  await page.evaluate((quiet) => new Promise((done) => {
    let timer = setTimeout(done, quiet);
    new MutationObserver(() => {
      clearTimeout(timer);
      timer = setTimeout(done, quiet);
    }).observe(document.body, { childList: true, subtree: true });
  }), QUIET_MS);
  await page.screenshot({ path: join(ROOT, 'docs/images', `${name}.png`) });
  if (faults.length > 0) throw new Error(faults.join('\n'));
  await context.close();
}

try {
  const { items } = await program.ask('/api/v1/issues?sort=users&limit=1');
  await picture('attention', '/', 'light');
  await picture('issue', `/issues/${items[0].id}`, 'dark');
} finally {
  await browser.close();
  await program.stop();
  rmSync(data, { recursive: true, force: true });
}
