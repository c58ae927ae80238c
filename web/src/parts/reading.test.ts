// @vitest-environment happy-dom
import { tick } from 'svelte';
import { expect, test, vi } from 'vitest';
import { prefs } from '../lib/prefs.svelte';
import { requestOf } from '../lib/request';
import type { LogEvent } from '../lib/types';
import { loadWho } from '../lib/who.svelte';
import RequestCard from './RequestCard.svelte';
import EventFacts from './EventFacts.svelte';
import TraceCard from './TraceCard.svelte';
import { button, found, press, served, staged } from './stage';

const STACK = [
  'Error: boom',
  '    at total (/srv/shop/src/cart.js:7:3)',
  ...[1, 2, 3].map((line) => `    at next (/srv/shop/node_modules/koa/index.js:${line}:1)`),
  '    at main (/srv/shop/src/main.js:1:1)',
];

function places(): string[] {
  return [...document.querySelectorAll('.frame .place')].map((one) => one.textContent);
}

test('own frames are open, those of libraries folded, by run and in place', async () => {
  await staged(TraceCard, { stack: STACK, project: 'shop' });
  const own = ['/srv/shop/src/cart.js:7:3', '/srv/shop/src/main.js:1:1'];
  expect(places()).toEqual(own);
  await press(await found(() => button(/3 .*koa/)));
  expect(places()).toHaveLength(5);
  expect(document.querySelectorAll('.frame.library')).toHaveLength(3);
  await press(button(/^Hide 3 library frames/) as HTMLElement);
  expect(places()).toEqual(own);
});

test('the raw text is exactly what was sent, and the choice is remembered', async () => {
  await staged(TraceCard, { stack: STACK, project: 'shop' });
  await press(button('Raw') as HTMLElement);
  expect(document.querySelector('pre')?.textContent).toBe(STACK.join('\n'));
  expect(prefs.rawTrace).toBe(true);
  await press(button('Pretty') as HTMLElement);
  expect(places()).toHaveLength(2);
});

test('where the server runs beside the code, the nearest own frame shows its lines', async () => {
  const path = '/api/v1/projects/shop/source';
  const lines = { file: 'src/cart.js', line: 7, first_line: 6, lines: ['let a;', 'a.b();', '}'] };
  const asked = served({ '/api/v1/session': { source_projects: ['shop'] }, [path]: lines });
  await loadWho();
  await staged(TraceCard, { stack: STACK, project: 'shop' });
  const mark = await found(() => document.querySelector('mark'));
  expect([mark.textContent, mark.dataset.line]).toEqual(['a.b();', '7']);
  expect(document.querySelectorAll('[data-line]')).toHaveLength(3);
  const query = `${path}?file=%2Fsrv%2Fshop%2Fsrc%2Fcart.js&line=7`;
  expect(asked.map((one) => one.path)).toEqual(['/api/v1/session', query]);
  await press(button('Hide source') as HTMLElement);
  expect(document.querySelector('mark')).toBeNull();
  expect(document.querySelectorAll('.frame button')).toHaveLength(2);
  served({ '/api/v1/session': { source_projects: [] } });
  await loadWho();
  await tick();
  expect(document.querySelectorAll('.frame button')).toHaveLength(0);
});

test('a request becomes the command that repeats it', async () => {
  const copied: string[] = [];
  const clipboard = { writeText: (text: string) => Promise.resolve(void copied.push(text)) };
  vi.stubGlobal('navigator', { clipboard });
  const request = requestOf({
    method: 'POST',
    url: "https://shop.example/order?it's=1",
    headers: { 'content-type': 'application/json', host: 'shop.example' },
    body: '{"n":1}',
  });
  await staged(RequestCard, { request: request as NonNullable<typeof request> });
  await press(button(/cURL/) as HTMLElement);
  await found(() => copied[0]);
  expect(copied[0]).toContain(String.raw`--url 'https://shop.example/order?it'\''s=1'`);
  expect(copied[0]).toContain('--request POST');
  expect(copied[0]).toContain(`--data-raw '{"n":1}'`);
  await found(() => button('Copied'));
});

test('a page that failed is shown as a page, which nobody can repeat', async () => {
  const context = { url: 'https://shop.example/cart', userAgent: 'Mozilla/5.0' };
  const request = requestOf(context) as NonNullable<ReturnType<typeof requestOf>>;
  await staged(RequestCard, { request });
  expect(document.querySelector('h2')?.textContent).toBe('Page');
  expect(document.querySelector('.line')?.textContent.trim()).toBe(context.url);
  expect(button(/cURL/)).toBeUndefined();
  expect(requestOf({ ...context, method: 'GET' })?.isPage).toBe(false);
  expect(requestOf({ url: '/cart' })?.isPage).toBe(false);
  expect(requestOf({ ...context, status: 500 })?.isPage).toBe(false);
});

test('an event says its browser, and for how many errors it stands', async () => {
  const userAgent =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) ' +
    'Chrome/131.0.0.0 Safari/537.36';
  const event = {
    event_id: 'e',
    fingerprint: 'f',
    project_id: 'shop',
    environment: 'production',
    timestamp: '2026-01-02T03:04:05.000Z',
    trimmed: [],
    adjusted: [],
    context: { userAgent, folded: 41 },
  } as unknown as LogEvent;
  await staged(EventFacts, { event });
  const said = document.body.textContent.replace(/\s+/g, ' ');
  expect(said).toContain('Browser Chrome 131, Windows');
  expect(said).toContain('Stands for 42 errors');
  document.body.replaceChildren();
  const context = { request: { headers: { 'User-Agent': 'curl/8.5.0' } } };
  await staged(EventFacts, { event: { ...event, context } as LogEvent });
  expect(document.body.textContent).not.toMatch(/Browser|Stands for/);
});
