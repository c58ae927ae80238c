// The guide to integrating, as somebody meets it who has just started the program.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { startBrowser, startProgram, watchedPage } from './program.mjs';

const LANGUAGES = [
  { locale: 'en-GB', lang: 'en', title: 'Report from your programs', copy: 'Copy' },
  { locale: 'zh-CN', lang: 'zh-CN', title: '在程序里上报错误', copy: '复制' },
  { locale: 'ru-RU', lang: 'ru', title: 'Как сообщать об ошибках из программ', copy: 'Копировать' },
];
const FRAMEWORKS = 21;

let program;
let browser;

before(async () => {
  program = await startProgram();
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await program?.stop();
});

/** The code under a heading. */
const code = (page, id) => page.locator(`#${id} ~ figure`).first();

for (const { locale, lang, title, copy } of LANGUAGES) {
  test(`the guide opens in the reader's language: ${lang}`, async () => {
    const { page, faults } = await watchedPage(browser, program.url, { locale });
    await page.goto(`${program.url}/docs/guide`);
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.lang), lang);
    assert.equal(await page.locator('.chips a').count(), FRAMEWORKS);
    for (const link of await page.locator('main a[href^="#"]').all()) {
      const id = (await link.getAttribute('href')).slice(1);
      assert.equal(await page.locator(`main [id="${id}"]`).count(), 1, id);
    }
    assert.ok((await page.getByRole('button', { name: copy, exact: true }).count()) >= FRAMEWORKS);
    assert.deepEqual(faults, []);
  });
}

test('another language stays at the section that is read, and is remembered', async () => {
  const { page, faults } = await watchedPage(browser, program.url);
  await page.goto(`${program.url}/docs/guide#workflow`);
  await page.locator('.side a[aria-current][href="#workflow"]:visible').waitFor();
  await page.getByLabel('Language').selectOption('ru');
  await page.getByRole('heading', { name: 'От NEW до DEPLOYED' }).waitFor();
  await page.locator('.side a[aria-current][href="#workflow"]:visible').waitFor();
  await page.goto(program.url);
  await page.getByRole('link', { name: 'Руководство' }).first().waitFor();
  assert.deepEqual(faults, []);
});

test('the address of the server and the project stand in every snippet', async () => {
  await program.report({ project_id: 'known_project' });
  const { page, faults } = await watchedPage(browser, program.url);
  await page.goto(`${program.url}/docs/guide?project_id=known_project`);
  await page.locator('#shell').waitFor();
  const text = await page.locator('main').innerText();
  assert.doesNotMatch(text, /localhost:8002|my_project/);
  const naming = ['curl', 'python', 'javascript', 'node', 'nestjs', 'go', 'java', 'php', 'ruby'];
  for (const id of naming) {
    const shown = await code(page, id).locator('pre').textContent();
    assert.ok(shown.includes(program.url) && shown.includes('known_project'), id);
  }
  const field = page.getByLabel('Your project');
  assert.equal(await page.locator('datalist option[value="known_project"]').count(), 1);
  await field.fill(`it's "mine"`);
  await page.getByText(`PROJECT = "it's \\"mine\\""`).first().waitFor();
  assert.equal(new URL(page.url()).searchParams.get('project_id'), `it's "mine"`);
  await field.fill('a/b');
  await page.getByText('Reports under this name are refused').waitFor();
  assert.deepEqual(faults, []);
});

test('what is copied is the whole file, also from a page on plain http', async () => {
  const { page, faults, context } = await watchedPage(browser, program.url);
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.goto(`${program.url}/docs/guide/python`);
  await page.waitForURL(/#python$/);
  const figure = code(page, 'python');
  const whole = await figure.locator('pre').textContent();
  // By the keyboard, as one who uses no mouse.
  await figure.getByRole('button', { name: 'Copy', exact: true }).press('Enter');
  await figure.getByText('Copied').waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.equal(copied, whole);
  assert.match(copied, /def report_error\(/);
  // Where there is no clipboard interface, the older way is taken.
  await page.evaluate(() => Object.defineProperty(navigator, 'clipboard', { value: undefined }));
  const shell = code(page, 'shell');
  await shell.getByRole('button', { name: 'Copy', exact: true }).click();
  await shell.getByText('Copied').waitFor();
  assert.deepEqual(faults, []);
});

test("from the guide's command to the report on screen", async () => {
  const { page, faults } = await watchedPage(browser, program.url);
  await page.goto(`${program.url}/docs/guide?project_id=first_steps`);
  await page.getByText('Waiting for a report of first_steps').waitFor();
  const command = await code(page, 'start').locator('pre').textContent();
  const stdio = ['ignore', 'pipe', 'ignore'];
  const answer = JSON.parse(execFileSync('sh', ['-c', command], { stdio }));
  assert.deepEqual([answer.status, answer.is_new], ['ok', true]);
  await page.getByRole('link', { name: 'HelloError: My first report' }).click();
  await page.waitForURL(`${program.url}/issues/${answer.id}`);
  await page.getByRole('heading', { name: 'HelloError' }).waitFor();
  assert.deepEqual(faults, []);
});

test('the guide and the API lead to each other, and the dashboard to the guide', async () => {
  const { page, faults } = await watchedPage(browser, program.url);
  await page.goto(program.url);
  await page.getByRole('link', { name: 'Guide', exact: true }).first().click();
  await page.getByRole('heading', { level: 1, name: LANGUAGES[0].title }).waitFor();
  const both = page.getByRole('navigation', { name: 'Documentation' });
  await both.getByRole('link', { name: 'API' }).click();
  await page.waitForURL(`${program.url}/docs`);
  await page.getByText('List projects', { exact: true }).first().waitFor();
  await both.getByRole('link', { name: 'Guide' }).click();
  await page.waitForURL(`${program.url}/docs/guide`);
  await page.goto(`${program.url}/report?project_id=known_project`);
  await page.getByRole('main').getByRole('link', { name: 'Guide to integrating' }).click();
  await page.waitForURL(/\/docs\/guide\?project_id=/);
  assert.deepEqual(faults, []);
});

test('a phone, and a window at four fifths, need no scrolling sideways', async () => {
  for (const [width, locale] of [[390, 'ru-RU'], [360, 'en-GB'], [1024, 'ru-RU']]) {
    const viewport = { width, height: 800 };
    const { page, faults } = await watchedPage(browser, program.url, { viewport, locale });
    await page.goto(`${program.url}/docs/guide`);
    await page.locator('#shell').waitFor();
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(wider <= 0, `${width}: ${wider} pixels too wide`);
    assert.deepEqual(faults, []);
  }
});

test("the API's button to send is legible under the mouse", async () => {
  for (const colorScheme of ['light', 'dark']) {
    const { page } = await watchedPage(browser, program.url, { colorScheme });
    await page.goto(`${program.url}/docs`);
    await page.getByText('List projects', { exact: true }).first().click();
    const button = page.getByRole('button', { name: 'EXECUTE' }).first();
    for (const act of ['hover', 'focus']) {
      await button[act]();
      const colours = await button.evaluate(async (one) => {
        // The component fades from one colour to the other.
        await Promise.all(one.getAnimations().map((fading) => fading.finished));
        const { color, backgroundColor } = getComputedStyle(one);
        return [color, backgroundColor].map((text) => text.match(/[\d.]+/g).slice(0, 3));
      });
      const [front, back] = colours.map((parts) => parts.map(Number));
      assert.ok(contrast(front, back) > 4.5, `${colorScheme}, ${act}: ${front} on ${back}`);
    }
  }
});

function contrast(one, other) {
  const light = (colour) => {
    const [red, green, blue] = colour.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
}
