// Every page in every language, light and dark: axe-core finds nothing, nothing is asked of another
// host, the console is silent, no sentence is missing. And what lies over a page: menus, dialogs.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { LOOKS } from './axe.mjs';
import { binary, startBrowser, startProgram, watchedPage } from './program.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const THEMES = ['light', 'dark'];

let program;
let browser;
let pages;
const data = mkdtempSync(join(tmpdir(), 'log-center-access-'));

before(async () => {
  const made = spawnSync(binary(), ['demo', '--data', data, '--events', '3000', '-q']);
  assert.equal(made.status, 0, String(made.stderr));
  program = await startProgram({ data });
  browser = await startBrowser();
  const { items } = await program.ask('/api/v1/events?limit=200');
  const asked = items.find((event) => event.request_id);
  const { page, context } = await watchedPage(browser, program.url);
  await page.goto(program.url);
  await page.locator('aside nav a').first().waitFor();
  const linked = await page.locator('aside nav a').evaluateAll((links) =>
    links.map((link) => link.pathname));
  await context.close();
  pages = [...new Set([
    '/',
    ...linked.filter((path) => !path.startsWith('/docs')),
    '/issues',
    `/issues/${items[0].issue_id}`,
    `/events?request_id=${asked.request_id}`,
    `/projects/${items[0].project_id}`,
    '/issues?q=level:loud',
    '/issues?q=nothing-has-this-text',
    '/issues/999999',
    '/no-such-page',
  ])];
});

after(async () => {
  await browser?.close();
  await program?.stop();
  rmSync(data, { recursive: true, force: true });
});

/** What is wrong in the page, each as one line. */
async function findings(page) {
  // The policy forbids script elements; what is evaluated from outside is none.
  await page.evaluate(AXE);
  const { violations } = await page.evaluate((tags) =>
    window.axe.run(document, { runOnly: tags, resultTypes: ['violations'] }), TAGS);
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, html, any }) =>
    `${id}: ${target.join(' ')} ${html.slice(0, 160)} ${any[0]?.message ?? ''}`));
}

/** Waits for the heading, and until nothing was added to the page for a moment. */
async function settled(page) {
  await page.locator('h1').first().waitFor();
  await page.evaluate(() => new Promise((done) => {
    const quiet = 250;
    let timer = setTimeout(done, quiet);
    const watch = new MutationObserver(() => {
      clearTimeout(timer);
      timer = setTimeout(done, quiet);
    });
    watch.observe(document.body, { childList: true, subtree: true });
    setTimeout(done, 3_000);
  }));
}

/** A refusal that a page asked for on purpose is in the console whatever the page does. */
const unasked = (fault) => !/status of 40[04]/.test(fault);

for (const { locale, colorScheme } of LOOKS) {
  test(`every page is accessible in ${locale}, ${colorScheme}`, async () => {
    const options = { locale, colorScheme, reducedMotion: 'reduce' };
    const { page, faults, context } = await watchedPage(browser, program.url, options);
    const found = [];
    for (const path of pages) {
      await page.goto(program.url + path);
      await settled(page);
      found.push(...(await findings(page)).map((one) => `${path} ${one}`));
      const text = await page.evaluate(() => document.body.innerText);
      if (text.includes('{n}')) found.push(`${path} says {n}`);
    }
    await context.close();
    assert.deepEqual(found, []);
    assert.deepEqual(faults.filter(unasked), []);
  });
}

for (const colorScheme of THEMES) {
  test(`what lies over a page is accessible, ${colorScheme}`, async () => {
    const options = { colorScheme, reducedMotion: 'reduce' };
    const { page, faults, context } = await watchedPage(browser, program.url, options);
    const found = [];
    const look = async (what) => {
      found.push(...(await findings(page)).map((one) => `${what} ${one}`));
    };
    await page.goto(`${program.url}/issues`);
    await settled(page);
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').waitFor();
    await look('palette');
    await page.keyboard.press('Escape');
    await page.keyboard.press('/');
    await page.keyboard.press('ArrowDown');
    await page.getByRole('listbox', { name: 'Suggestions' }).waitFor();
    await look('suggestions');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Any time' }).click();
    await look('times');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Views', exact: true }).click();
    await look('views');
    await page.keyboard.press('Escape');
    await page.getByRole('heading', { level: 1 }).click();
    for (const [key, what] of [['e', 'move'], ['a', 'assign'], ['m', 'mute'], ['?', 'keys']]) {
      if (key === 'e') for (const one of ['j', 'x', 'j', 'x']) await page.keyboard.press(one);
      await page.keyboard.press(key);
      await page.getByRole('dialog').waitFor();
      await look(what);
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
    }
    await page.setViewportSize({ width: 360, height: 740 });
    await page.getByRole('button', { name: 'Menu' }).click();
    await look('menu');
    await context.close();
    assert.deepEqual(found, []);
    assert.deepEqual(faults, []);
  });
}
