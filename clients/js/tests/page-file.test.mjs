// The file for pages without a bundler, in a page made of the few things that it uses: nothing
// comes out of it, secrets stay, and failed requests fail as loudly as without it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import vm from 'node:vm';
import { CLIENT, until } from './program.mjs';

const OWN = 'http://lc.example/client/log-center.js';
const SHOP = 'http://shop.example/shop.js';
/** Timers of this length and longer are the test's to run. */
const LONG_MS = 1_000;

/** A page whose network reaches Log Center alone; `answers` are the page's own requests. */
function startPage({ answers, data = {} } = {}) {
  const sent = [];
  const beacons = [];
  const timers = [];
  const listeners = {};
  const calls = [];
  const listen = (name, work) => (listeners[name] ??= []).push(work);
  const ask = async (address, { body, signal } = {}) => {
    if (String(address).includes('/api/v1/')) {
      sent.push(JSON.parse(body));
      return { status: 200, ok: true, headers: new Headers() };
    }
    throw signal?.aborted ? signal.reason : new page.TypeError('Failed to fetch');
  };
  const fetch = (address, options) => {
    calls.push({ address, headers: Object.fromEntries(new Headers(options?.headers)) });
    return answers?.(address) ?? ask(address, options);
  };
  const page = {
    fetch, Headers, URL, Request, AbortController, AbortSignal, clearTimeout, console,
    setTimeout: (work, ms) => (ms < LONG_MS || !ms ? setTimeout(work, ms) : timers.push(work)),
    crypto, encodeURIComponent, localStorage: {}, addEventListener: listen,
    navigator: { userAgent: 'test', sendBeacon: (_, body) => beacons.push(JSON.parse(body)) > 0 },
    location: { href: 'http://shop.example/cart', origin: 'http://shop.example' },
    document: {
      addEventListener: listen,
      currentScript: { src: OWN, dataset: { project: 'own', ...data } },
    },
  };
  page.window = page;
  vm.createContext(page);
  page.TypeError = vm.runInContext('TypeError', page);
  const script = readFileSync(join(CLIENT, 'browser/log-center.js'), 'utf8');
  vm.runInContext(script, page, { filename: OWN });
  return {
    page, sent, beacons, calls,
    run: (text) => vm.runInContext(text, page, { filename: SHOP }),
    fire: (name, event = {}) => listeners[name].forEach((work) => work(event)),
    endWait: () => timers.splice(0).forEach((work) => work()),
    /** The reports, once there are as many. */
    reports: (wanted) => until(() => sent.length >= wanted && sent, `${wanted} reports`),
  };
}

/** Work that the page does once more than the reports before it, so that none can be missing. */
async function allOf({ run, sent }) {
  run(`LogCenter.captureMessage('the end')`);
  await until(() => sent.some((one) => one.error.message === 'the end'), 'the end');
  return sent.filter((one) => one.error.type !== 'Message');
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
  const { run: again, page: other } = startPage({
    answers: () => ({ then: () => 'handed on' }),
  });
  assert.notEqual(other, page);
  assert.equal(again(`fetch('/gone')`), 'handed on');
});

const STORM = `for (let count = 0; count < 1_000; count += 1) {
  LogCenter.reportError(new RangeError('often'));
}`;
const WAYS = {
  'by itself when its time is over': async (shop) => {
    await shop.reports(1);
    shop.endWait();
    return (await shop.reports(2))[1];
  },
  'when the page is left': async (shop) => {
    await shop.reports(1);
    shop.fire('pagehide');
    return shop.beacons[0];
  },
  'when all that waits is asked for': async (shop) => {
    assert.ok(await shop.run('LogCenter.flush()'));
    return shop.sent[1];
  },
};
for (const [name, told] of Object.entries(WAYS)) {
  test(`the rest of a storm is told ${name}`, async () => {
    const shop = startPage();
    shop.run(STORM);
    const rest = await told(shop);
    assert.equal(rest.error.message, 'often');
    // The first, this one, and those it stands for.
    assert.equal(rest.context.folded, 998);
    assert.notEqual(rest.event_id, shop.sent[0].event_id);
    shop.fire('pagehide');
    shop.endWait();
    const all = [...(await allOf(shop)), ...shop.beacons];
    assert.equal(all.filter((one) => one.error.type === 'RangeError').length, 2, 'told once');
  });
}

test('an error arrives with its causes, and a call answers the id of its report', async () => {
  const shop = startPage();
  const ids = shop.run(`
    class CouponError extends Error {}
    function parse() { JSON.parse('{'); }
    function redeem() {
      try { parse(); } catch (cause) { throw new CouponError('no coupon', { cause }); }
    }
    let ids = [];
    try { redeem(); } catch (error) {
      ids = [LogCenter.reportError(error), LogCenter.reportError(error),
        LogCenter.captureException(new RangeError('b')), LogCenter.captureMessage('c')];
    }
    ids`);
  const sent = await shop.reports(3);
  const [{ event_id: first, error }, { event_id: second }, { event_id: third }] = sent;
  assert.deepEqual([...ids], [first, undefined, second, third]);
  assert.equal(error.type, 'CouponError');
  const at = error.stack_trace.findIndex((line) => line.startsWith('Caused by: SyntaxError: '));
  assert.ok(at > 1, error.stack_trace.join('\n'));
  assert.match(error.stack_trace.slice(at).join('\n'), /parse \(http:\/\/shop.example\/shop.js/);
});

test('what is rejected and is no error is told of each, at no place of the client', async () => {
  const shop = startPage();
  shop.fire('unhandledrejection', { reason: 'quota' });
  shop.fire('unhandledrejection', { reason: undefined });
  shop.fire('unhandledrejection', { reason: { full: true } });
  shop.fire('unhandledrejection', { reason: 'quota' });
  shop.run(`function save() { LogCenter.reportError('by hand'); }\nsave();`);
  const sent = await allOf(shop);
  assert.deepEqual(sent.map(({ error }) => [error.message, error.type, error.file_path]), [
    ['quota', 'NonError', 'unknown'],
    ['undefined', 'NonError', 'unknown'],
    ['{"full":true}', 'NonError', 'unknown'],
    ['by hand', 'NonError', 'shop.js'],
  ]);
  assert.deepEqual(sent.map((one) => one.error.line_number), [0, 0, 0, 1]);
  assert.ok(!JSON.stringify(shop.sent).includes('log-center.js'), 'no frame of the client');
});

test('a failed request is told with its id, also as the cause of another error', async () => {
  const shop = startPage();
  await shop.run(`
    const load = () => fetch('/api/stock/7?token=s3cr3tt', { method: 'post' });
    load().catch((error) => LogCenter.reportError(error))
      .then(load).catch((cause) => LogCenter.reportError(new RangeError('no stock', { cause })))`);
  const sent = await shop.reports(2);
  const ids = shop.calls.map((one) => one.headers['x-request-id']).filter(Boolean);
  assert.equal(new Set(ids).size, 2);
  for (const [at, id] of ids.entries()) {
    const { context } = sent[at];
    assert.equal(context.request_id, id);
    assert.equal(context.url, 'http://shop.example/cart');
    assert.deepEqual(context.info, { method: 'POST', url: '/api/stock/7?token=[scrubbed]' });
  }
  assert.ok(!JSON.stringify(sent).includes('log-center.js'), 'no frame of the client');
});

test('an error after one failed request is told with it, as a guess', async () => {
  const broken = () => Promise.resolve({ status: 500 });
  const answers = (url) => (/stock/.test(url) ? broken() : undefined);
  const shop = startPage({ answers });
  const after = (text) => `LogCenter.reportError(new RangeError('${text}'))`;
  await shop.run(`fetch('/api/stock/1').then(() => { ${after('one')}; })`);
  const [{ context }] = await shop.reports(1);
  assert.equal(context.request_id, shop.calls[0].headers['x-request-id']);
  const info = { method: 'GET', url: '/api/stock/1', status: 500, guess: true };
  assert.deepEqual(context.info, info);
  // Two of them: nobody can tell which.
  const also = after('two').replace('Range', 'URI');
  await shop.run(`fetch('/api/stock/2').then(() => { ${also}; })`);
  const second = (await shop.reports(2))[1].context;
  assert.deepEqual([second.request_id, second.info], [undefined, undefined]);
  // Longer ago.
  const late = startPage({ answers });
  await late.run(`fetch('/api/stock/3').then(() => {
    const { now } = Date;
    Date.now = () => now() + 2_001;
    ${after('late')};
  })`);
  const third = (await late.reports(1))[0].context;
  assert.deepEqual([third.request_id, third.info], [undefined, undefined]);
});
