// The file for pages without a bundler, in a page made of the few things that it uses: nothing
// comes out of it, secrets stay, and failed requests fail as loudly as without it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import vm from 'node:vm';
import { CLIENT, until } from './program.mjs';

/** A page whose network reaches Log Center alone. */
function startPage(answer) {
  const sent = [];
  const ask = async (address, { body, signal } = {}) => {
    if (String(address).includes('/api/v1/')) {
      sent.push(JSON.parse(body));
      return { status: 200, ok: true, headers: new Headers() };
    }
    throw signal?.aborted ? signal.reason : new TypeError('Failed to fetch');
  };
  const fetch = (...given) => answer ?? ask(...given);
  const page = {
    fetch, Headers, URL, Request, AbortController, AbortSignal, setTimeout, clearTimeout, console,
    crypto, encodeURIComponent, localStorage: {}, addEventListener() {},
    navigator: { userAgent: 'test', sendBeacon: () => true },
    location: { href: 'http://shop.example/cart', origin: 'http://shop.example' },
    document: {
      addEventListener() {},
      currentScript: { src: 'http://lc.example/client/log-center.js', dataset: { project: 'own' } },
    },
  };
  page.window = page;
  vm.createContext(page);
  vm.runInContext(readFileSync(join(CLIENT, 'browser/log-center.js'), 'utf8'), page);
  return { page, sent, run: (text) => vm.runInContext(text, page) };
}

test('what fights back comes not out, and secrets stay in the page', async () => {
  const { sent, run } = startPage();
  run(`{
    const mute = Object.create(null);
    LogCenter.captureMessage(mute);
    LogCenter.addBreadcrumb(null);
    LogCenter.addBreadcrumb({ get message() { throw mute; } });
    LogCenter.setUser({ get id() { throw mute; } });
    LogCenter.setUser(null);
    LogCenter.captureException(new RangeError('db://app:S3cr3tXY@h password=S3cr3tXY ' +
      '{"token":"S3cr3tXY"} secret: S3cr3tXY token: too short'), null);
  }`);
  const found = () => sent.flat().find((one) => one.error.type === 'RangeError');
  const { message } = (await until(found, 'the report')).error;
  assert.ok(!JSON.stringify(sent).includes('S3cr3tXY'), message);
  assert.ok(message.endsWith('token: too short'));
});

test('a failed request is handed on to its caller, who alone decides about it', async () => {
  const { page, run } = startPage();
  run(`var stop = new AbortController(); stop.abort('I left');`);
  const reason = await run(`fetch('/next', { signal: stop.signal }).catch((why) => why)`);
  assert.equal(reason, 'I left');
  // A handler beside the caller's would count as one that caught it.
  const { run: again, page: other } = startPage({ then: () => 'handed on' });
  assert.notEqual(other, page);
  assert.equal(again(`fetch('/gone')`), 'handed on');
});
