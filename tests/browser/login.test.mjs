// The page of the login in a browser: the second step, in each language, at 360 px and in the dark.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { codeAt, stepNow } from './authenticator.mjs';
import { binary, startBrowser, startProgram } from './program.mjs';

const PASSWORD = 'correct horse staple battery';
const data = mkdtempSync(join(tmpdir(), 'log-center-login-'));
let program;
let browser;
let secret;
let recovery;
let steps;

before(async () => {
  const made = spawnSync(binary(), ['admin', 'create', 'ann', '--data', data], { input: PASSWORD });
  assert.equal(made.status, 0, String(made.stderr));
  program = await startProgram({ data, flags: ['--require-login'] });
  const headers = { 'Content-Type': 'application/json', Origin: program.url };
  const ask = async (path, body) => {
    const sent = { method: 'POST', headers, body: JSON.stringify(body) };
    const answer = await fetch(program.url + path, sent);
    assert.equal(answer.status, 200, path);
    headers.Cookie ??= answer.headers.get('set-cookie').split(';')[0];
    return answer.json();
  };
  await ask('/api/v1/session', { name: 'ann', password: PASSWORD });
  ({ secret } = await ask('/api/v1/session/totp', { password: PASSWORD }));
  steps = stepNow();
  const told = await ask('/api/v1/session/totp/confirm', { code: codeAt(secret, steps) });
  recovery = told.recovery_codes;
  browser = await startBrowser();
});

after(async () => {
  await browser?.close();
  await program?.stop();
  rmSync(data, { recursive: true, force: true });
});

/** The page after the password, which asks for a code. */
async function asked(how) {
  const context = await browser.newContext(how);
  const page = await context.newPage();
  await page.goto(`${program.url}/login?next=/projects`);
  await page.fill('#name', 'ann');
  assert.equal(await page.isVisible('#code'), false, 'nobody is asked before the password');
  await page.fill('#password', PASSWORD);
  await page.click('#send');
  await page.locator('#code').waitFor({ state: 'visible' });
  assert.equal(await page.textContent('#fault'), '', 'it is no fault yet');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'code');
  return { context, page };
}

test('a code of the authenticator lets in, and a wrong one is said', async () => {
  const { context, page } = await asked({ locale: 'en-GB' });
  await page.fill('#code', '12345x');
  await page.keyboard.press('Enter');
  await page.locator('#fault', { hasText: 'This code is wrong, or was used already.' }).waitFor();
  await page.fill('#code', codeAt(secret, steps + 1));
  await page.keyboard.press('Enter');
  await page.waitForURL(`${program.url}/projects`);
  await context.close();
});

test('a recovery code lets in, in the dark, at 360 px, in Russian and Chinese', async () => {
  for (const [at, locale, label] of [[0, 'ru-RU', 'Код'], [1, 'zh-CN', '验证码']]) {
    const viewport = { width: 360, height: 640 };
    const { context, page } = await asked({ locale, viewport, colorScheme: 'dark' });
    assert.equal(await page.textContent('label[for=code]'), label);
    const isCut = await page.evaluate(() => document.body.scrollWidth > innerWidth);
    assert.equal(isCut, false);
    await page.fill('#code', recovery[at]);
    await page.click('#send');
    await page.waitForURL(`${program.url}/projects`);
    await context.close();
  }
});
