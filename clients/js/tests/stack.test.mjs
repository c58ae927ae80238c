// Stacks of the three engines, as they were captured, and which frame is to blame.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blame, frameOf, relative, stackLines } from '../dist/esm/stack.js';

const rules = { rootDir: '/app', inApp: [] };
const place = (stack, more = {}) =>
  blame([stack.split('\n')], { ...rules, ...more }, true);

test('frames of V8, Firefox and Safari are read', () => {
  const cases = [
    ['    at Foo.bar (/app/a.js:2:22)', 'Foo.bar', '/app/a.js', 2],
    ['    at /app/a.js:3:29', '', '/app/a.js', 3],
    ['    at async fn (file:///app/b.mjs:7:1)', 'fn', 'file:///app/b.mjs', 7],
    ['    at new K (/app/k.js:1:2)', 'K', '/app/k.js', 1],
    ['    at get g [as g] (/app/a.js:9:1)', 'get g [as g]', '/app/a.js', 9],
    ['    at f (C:\\app (new)\\a.js:4:5)', 'f', 'C:\\app (new)\\a.js', 4],
    ['    at eval (eval at f (/app/a.js:4:17), <anonymous>:1:6)', 'eval', '/app/a.js', 4],
    ['bar@https://h/a.js:3:17', 'bar', 'https://h/a.js', 3],
    ['@https://h/a.js:4:29', '', 'https://h/a.js', 4],
    ['foo/<@https://h/@scope/react@18/a.js:5:1', 'foo/<', 'https://h/@scope/react@18/a.js', 5],
    ['async*bar@https://h/a.js:6:1', 'bar', 'https://h/a.js', 6],
    ['global code@https://h/a.js:3:5', 'global code', 'https://h/a.js', 3],
    ['@https://h/a.js line 5 > eval:1:1', '', 'https://h/a.js', 5],
  ];
  for (const [line, name, file, number] of cases) {
    const frame = frameOf(line);
    assert.deepEqual([frame?.name, frame?.file, frame?.line], [name, file, number], line);
  }
});

/** The same program in each engine, as recorded: a getter, a callback of `map`, an `await`. */
const RECORDED = {
  'Node 20, as Chromium': `TypeError: Cannot read properties of undefined (reading 'reduce')
    at total (https://shop.example/assets/shop.js:3:22)
    at https://shop.example/assets/shop.js:6:39
    at Array.map (<anonymous>)
    at Cart.open (https://shop.example/assets/shop.js:6:24)
    at get sum [as sum] (https://shop.example/assets/shop.js:7:27)
    at later (https://shop.example/assets/shop.js:11:21)`,
  'Firefox 153': `total@https://shop.example/assets/shop.js:3:3
open/<@https://shop.example/assets/shop.js:6:44
open@https://shop.example/assets/shop.js:6:24
get sum@https://shop.example/assets/shop.js:7:27
later@https://shop.example/assets/shop.js:11:10
`,
  'JavaScriptCore 2.50': `total@https://shop.example/assets/shop.js:3:21
map@[native code]
later@https://shop.example/assets/shop.js:11:20`,
};

test('the recorded stacks of the three engines blame the same line', () => {
  for (const [engine, stack] of Object.entries(RECORDED)) {
    assert.deepEqual(place(stack), { file: 'assets/shop.js', line: 3 }, engine);
    const names = stack.split('\n').map(frameOf).filter(Boolean).map((frame) => frame.name);
    assert.equal(names[0], 'total', engine);
    assert.equal(names.at(-1), 'later', engine);
  }
});

test('lines without a place are no frames', () => {
  const lines = [
    '    at Array.map (<anonymous>)',
    '    at Promise.all (index 0)',
    'map@[native code]',
    'eval code@',
    'Error: at home',
  ];
  for (const line of lines) assert.equal(frameOf(line), undefined, line);
});

test('a message that looks like a frame is none', () => {
  const error = new Error('first\n    at evil (x.js:1:2)');
  assert.ok(stackLines(error).every((line) => !line.includes('evil')));
});

test('the innermost own frame is blamed, not the library below it', () => {
  const stack = [
    '    at check (/app/node_modules/pg/lib/client.js:1:1)',
    '    at node:internal/process/task_queues:95:5',
    '    at load (/app/src/orders.js:42:9)',
    '    at main (/app/src/main.js:7:1)',
  ].join('\n');
  assert.deepEqual(place(stack), { file: 'src/orders.js', line: 42 });
  const inApp = ['node_modules/pg/'];
  assert.deepEqual(place(stack, { inApp }).file, 'node_modules/pg/lib/client.js');
});

test('browser extensions and bundlers are foreign', () => {
  const stack = [
    'inject@moz-extension://1234/content.js:1:1',
    'r@https://h/webpack/bootstrap:1:1',
    'pay@https://h/shop/pay.js?v=3:8:2',
  ].join('\n');
  assert.deepEqual(place(stack), { file: 'shop/pay.js', line: 8 });
});

test('paths are the same on every machine and after every build', () => {
  const cases = [
    ['file:///app/src/a%20b.js', 'src/a b.js'],
    ['C:\\app\\src\\a.js', 'src/a.js', 'C:\\app'],
    ['file:///C:/app/src/a.js', 'src/a.js', 'C:\\app'],
    ['/srv/other/a.js', '/srv/other/a.js'],
    ['https://h/static/app.3f9a2c1b.js?x=1#y', 'static/app.js'],
    ['https://h/assets/index-DiwrgTda.js', 'assets/index.js'],
    ['https://h/assets/user-settings.js', 'assets/user-settings.js'],
    ['https://h/assets/shopping-checkout.js', 'assets/shopping-checkout.js'],
    ['https://h/main.8a1bc2d3.chunk.js', 'main.chunk.js'],
    ['webpack-internal:///./src/a.js', 'src/a.js'],
  ];
  for (const [path, expected, root = '/app'] of cases) {
    assert.equal(relative(path, root), expected, path);
  }
});
