// Pages in Chromium: what nobody caught arrives, from whatever the page is made of.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { bundle, lineIn, reactOf, startBrowser, startPages } from './pages.mjs';
import { CLIENT, startLogCenter, until } from './program.mjs';

const read = (path) => readFileSync(join(CLIENT, path), 'utf8');
const SUM = '.lines.reduce(';

let center;
let pages;
let browser;
const scripts = {};

before(async () => {
  center = await startLogCenter();
  for (const file of ['browser.js', 'react.tsx', 'vue.js', 'svelte.js']) {
    scripts[file.replace(/\..*/, '')] = await bundle(file, center.url);
  }
  scripts.react18 = await bundle('react.tsx', center.url, { alias: reactOf(18) });
  scripts.react17 = await bundle('react17.jsx', center.url, { alias: reactOf(17) });
  const served = {
    '/shop.js': read('examples/shop.js'),
    '/next': '<!doctype html><title>Next</title>',
  };
  for (const [name, script] of Object.entries(scripts)) {
    served[`/${name}`] = `<!doctype html><title>${name}</title><div id="app"></div>
      <button onclick="shop.payLater()">Pay later</button>
      <script src="/assets/${name}-DiwrgTda.js"></script>`;
    served[`/assets/${name}-DiwrgTda.js`] = script;
  }
  pages = await startPages(served);
  // Log Center serves the script itself, and the script knows from there where reports go.
  served['/page'] = read('examples/page.html').replace('LOG_CENTER_URL', center.url);
  served['/log-center.js'] = read('browser/log-center.js');
  served['/own'] = `<!doctype html><title>Own</title>
    <script src="/log-center.js" data-project="page_own" data-url="${center.url}"></script>`;
  browser = await startBrowser();
});
after(async () => {
  await browser?.close();
  await pages?.stop();
  await center?.stop();
});

async function open(t, path, isAsked = undefined) {
  const context = await browser.newContext();
  t.after(() => context.close());
  // The file of this package, which may be newer than the one that the program under test holds.
  const headers = { 'access-control-allow-origin': '*' };
  const body = { path: join(CLIENT, 'browser/log-center.js'), contentType: 'text/javascript' };
  await context.route('**/client/log-center.js', async (route) => {
    await isAsked;
    await route.fulfill({ ...body, headers });
  });
  const page = await context.newPage();
  const said = [];
  page.on('console', (message) => said.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => said.push(`pageerror: ${error.message}`));
  // A script that is loading holds up the event.
  await page.goto(pages.url + path, { waitUntil: isAsked ? 'domcontentloaded' : 'load' });
  return { page, context, said };
}

/** Does work that ends the page: afterwards, since an evaluation that ends its page may hang. */
async function leave(page, work) {
  await page.evaluate(`setTimeout(${work})`);
  await page.waitForURL('**/next');
}

/** The first event of a project that fits. */
const eventOf = (project, fits) =>
  until(async () => (await center.eventsIn(project)).find(fits), `the event of ${project}`);

function checkPlace(event, file, script) {
  assert.equal(event.error.type, 'TypeError');
  assert.match(event.error.message, /reading 'reduce'/);
  assert.equal(event.error.code, 'AppError');
  assert.equal(event.level, 'ERROR');
  assert.equal(event.error.file_path, file);
  assert.equal(event.error.line_number, lineIn(script, SUM));
}

test('one file without a bundler: an uncaught error arrives with its place and user', async (t) => {
  const { page, said } = await open(t, '/page');
  await page.click('text="Pay"');
  const event = await eventOf('page_shop', (one) => one.error.type === 'TypeError');
  checkPlace(event, 'shop.js', read('examples/shop.js'));
  assert.equal(event.environment, 'production');
  assert.equal(event.version, '3.1.0');
  assert.equal(event.user_id, 'ann');
  assert.equal(event.context.url, `${pages.url}/page`);
  assert.match(event.context.userAgent, /Chrome/);
  assert.ok(said.some((line) => line.startsWith('pageerror')), 'the page still sees it');
});

test('one file without a bundler: what calls it may stand before it is there', async (t) => {
  let load;
  const isAsked = new Promise((done) => (load = done));
  const { page } = await open(t, '/page', isAsked);
  const early = await page.evaluate(() => {
    // As the page's scripts may do at any time.
    window.LogCenter?.setTag('early', 'lost');
    return typeof LogCenter;
  });
  assert.equal(early, 'undefined');
  load();
  await page.waitForFunction(() => window.LogCenter);
  await page.evaluate(() => void Promise.reject(new EvalError('late')));
  const event = await eventOf('page_shop', (one) => one.error.message === 'late');
  // What the script's `onload` said holds from the first report.
  assert.deepEqual(event.context.tags, { shop: 'north' });
});

for (const path of ['/page', '/browser']) {
  const project = `${path.slice(1)}_shop`;
  const script = path === '/page' ? 'shop.js' : 'assets/browser.js';

  test(`${path}: a failed request is found by its id, and told of as it looked`, async (t) => {
    const { page } = await open(t, path);
    pages.calls.length = 0;
    await page.click('text="Pay later"');
    const call = await until(() => pages.calls.find((one) => one.path === '/api/gone'));
    const [event] = await center.eventsOf(call.headers['x-request-id']);
    assert.equal(event.project_id, project);
    assert.equal(event.context.url, pages.url + path);
    assert.deepEqual(event.context.info, { method: 'GET', url: '/api/gone' });
    // Not the frame of the client's own fetch.
    assert.equal(event.error.file_path, script);
    const text = path === '/page' ? read('examples/shop.js') : scripts.browser;
    assert.equal(event.error.line_number, lineIn(text, 'await fetch('));
    assert.ok(!event.error.stack_trace.join().includes('log-center.js'));
  });

  test(`${path}: an error after an answer of 500 is found by the id of its request`, async (t) => {
    const { page } = await open(t, path);
    pages.calls.length = 0;
    await page.evaluate(() =>
      setTimeout(async () => {
        const answer = await fetch('/api/stock/503');
        throw new RangeError(`no stock: ${answer.status}`);
      }));
    const call = await until(() => pages.calls.find((one) => one.path === '/api/stock/503'));
    const [event] = await center.eventsOf(call.headers['x-request-id']);
    assert.equal(event.error.message, 'no stock: 503');
    const info = { method: 'GET', url: '/api/stock/503', status: 503, guess: true };
    assert.deepEqual(event.context.info, info);
  });

  test(`${path}: what is rejected and is no error arrives, each at no place`, async (t) => {
    const { page } = await open(t, path);
    await page.evaluate(() => setTimeout(() => {
      void Promise.reject(`quota of ${location.pathname}`);
      void Promise.reject();
    }));
    for (const message of [`quota of ${path}`, 'undefined']) {
      const event = await eventOf(project, (one) => one.error.message === message);
      assert.equal(event.error.type, 'NonError');
      assert.deepEqual([event.error.file_path, event.error.line_number], ['unknown', 0]);
    }
  });

  test(`${path}: a storm is folded, and leaving tells how many it was`, async (t) => {
    const { page } = await open(t, `${path}?token=s3cr3tt`);
    await leave(page, () => {
      for (let count = 0; count < 1_000; count += 1) {
        const error = new RangeError(`often, password=hunter22`);
        dispatchEvent(new ErrorEvent('error', { error, message: error.message }));
      }
      location.href = '/next';
    });
    const storm = async () => {
      const events = await center.eventsIn(project);
      const equal = events.filter((one) => one.error.message.startsWith('often'));
      return equal.length > 1 && equal;
    };
    const events = await until(storm, 'the rest of the storm');
    assert.deepEqual(events.map((one) => one.context.folded ?? 0).sort(), [0, 998]);
    assert.ok(!JSON.stringify(events).match(/s3cr3tt|hunter22/));
  });
}

for (const [path, call] of [['/page', 'LogCenter'], ['/browser', 'shop']]) {
  const project = `${path.slice(1)}_shop`;
  test(`${path}: what happens without a network is sent when it is back`, async (t) => {
    const { page, context } = await open(t, path);
    await context.setOffline(true);
    await page.evaluate((name) => {
      // The bundled page reports by being broken, the other one by a call.
      const error = new EvalError('offline');
      if (name === 'LogCenter') window.LogCenter.reportError(error);
      else setTimeout(() => { throw error; });
    }, call);
    await until(() => page.evaluate(() => localStorage['log-center']));
    await context.setOffline(false);
    await eventOf(project, (one) => one.error.type === 'EvalError');
    assert.equal(await page.evaluate(() => localStorage['log-center']), undefined);
  });
}

test('a bundled page: an uncaught error arrives, the hash of the bundle left out', async (t) => {
  const { page } = await open(t, '/browser');
  await page.evaluate(() => setTimeout(() => window.shop.pay()));
  const event = await eventOf('browser_shop', (one) => one.user_id);
  checkPlace(event, 'assets/browser.js', scripts.browser);
  assert.equal(event.user_id, 'ann');
  assert.equal(event.context.url, `${pages.url}/browser`);
});

test('a bundled page: the last errors leave as beacons', async (t) => {
  const { page } = await open(t, '/browser');
  await leave(page, () => {
    dispatchEvent(new ErrorEvent('error', { error: new URIError('leaving'), message: 'leaving' }));
    location.href = '/next';
  });
  await eventOf('browser_shop', (one) => one.error.type === 'URIError');
});

for (const path of ['/own', '/browser']) {
  test(`${path}: a request that nobody awaits fails aloud as ever, and is reported`, async (t) => {
    const { page, said } = await open(t, path);
    await page.route('**/gone', (route) => route.abort());
    const id = `req-bare-${path.slice(1)}`;
    await page.evaluate(`void fetch('/gone', { headers: { 'x-request-id': '${id}' } })`);
    const [event] = await center.eventsOf(id);
    assert.equal(event.error.type, 'TypeError');
    await until(() => said.some((line) => line.startsWith('pageerror: Failed to fetch')), 'it');
    // Given up with a word that is no object.
    await page.evaluate(`(() => {
      const stop = new AbortController();
      fetch('/next', { signal: stop.signal }).catch((why) => console.log('caught ' + why));
      stop.abort('I left');
    })()`);
    await until(() => said.includes('log: caught I left'), 'the reason');
    assert.equal(said.filter((line) => line.startsWith('pageerror')).length, 1);
  });
}

test('one file without a bundler: secrets stay in the page, and nothing comes out', async (t) => {
  const { page } = await open(t, '/own');
  await page.evaluate(`(() => {
    const mute = Object.create(null);
    LogCenter.captureMessage(mute);
    LogCenter.addBreadcrumb({ get message() { throw mute; } });
    LogCenter.setUser({ get id() { throw mute; } });
    LogCenter.captureException(new RangeError('db://app:S3cr3tXY@h password=S3cr3tXY ' +
      '{"token":"S3cr3tXY"} secret: S3cr3tXY token: too short'), null);
  })()`);
  const event = await eventOf('page_own', (one) => one.error.type === 'RangeError');
  assert.ok(!JSON.stringify(event).includes('S3cr3tXY'), event.error.message);
  assert.ok(event.error.message.endsWith('token: too short'));
});

test('axios: 5xx and broken connections are reported with the id of the request', async (t) => {
  const { page } = await open(t, '/browser');
  pages.calls.length = 0;
  await page.evaluate(async () => {
    await window.shop.load('/orders/404');
    await window.shop.load('/orders/500');
    await window.shop.load('/gone');
  });
  for (const path of ['/api/orders/500', '/api/gone']) {
    const call = pages.calls.find((one) => one.path === path);
    const [event] = await center.eventsOf(call.headers['x-request-id']);
    assert.equal(event.error.type, 'AxiosError');
    assert.equal(event.error.code, 'RequestError');
    // In a bundle nobody can tell axios' frames from the page's: the request is the place.
    assert.equal(event.error.file_path, `GET ${path.replace('500', '{id}')}`);
    assert.equal(event.error.line_number, 0);
    const { info } = event.context;
    assert.equal(info.method, 'GET');
    assert.equal(info.url, path);
    assert.deepEqual(info.params, { page: 2 });
    assert.equal(info.headers.Authorization, '[scrubbed]');
  }
  const absent = pages.calls.find((one) => one.path === '/api/orders/404');
  const id = absent.headers['x-request-id'];
  assert.equal((await center.ask(`/api/v1/events?request_id=${id}`)).items.length, 0);
});

for (const [version, name] of [[19, 'react'], [18, 'react18'], [17, 'react17']]) {
  test(`React ${version}: what a component throws is reported once`, async (t) => {
    const { page } = await open(t, `/${name}`);
    await page.click('text="Open"');
    await page.waitForSelector('#sorry');
    const about = (one) => one.context.url.endsWith(`/${name}`);
    const event = await eventOf(version === 17 ? 'react17_shop' : 'react_shop', about);
    checkPlace(event, `assets/${name}.js`, scripts[name]);
    assert.match(event.context.componentStack, /Cart/);
    assert.equal(event.context.component, 'Cart');
    const events = (await center.eventsIn(event.project_id)).filter(about);
    assert.equal(events.length, 1);
  });
}

test('Vue: what a handler throws is reported, and still stands on the console', async (t) => {
  const { page, said } = await open(t, '/vue');
  await page.click('text="Open"');
  const event = await eventOf('vue_shop', Boolean);
  checkPlace(event, 'assets/vue.js', scripts.vue);
  assert.equal(event.context.component, 'Cart');
  assert.ok(event.context.hook);
  assert.ok(said.some((line) => line.startsWith('error:') && line.includes('TypeError')));
});

test('Svelte: what a boundary catches is reported, and its fallback stands', async (t) => {
  const { page } = await open(t, '/svelte');
  await page.click('text="Open"');
  await page.waitForSelector('#sorry');
  const event = await eventOf('svelte_shop', Boolean);
  checkPlace(event, 'assets/svelte.js', scripts.svelte);
});
