import { describe, expect, test } from 'vitest';
import { dedented, parseTrace, rawTrace, runsOf } from './frames';
import { libraryOf } from './libraries';

/** `function @ file:line:column [library]` of each frame. */
function shown(stack: string | string[]): string[] {
  return (parseTrace(stack)?.blocks ?? []).flatMap((block) =>
    block.frames.map(({ fn, file, line, column, library }) => {
      const place = [file, line, column].filter((part) => part !== null).join(':');
      return `${fn} @ ${place}${library === null ? '' : ` [${library}]`}`;
    }),
  );
}

const PYTHON = [
  'Traceback (most recent call last):\n',
  '  File "/usr/lib/python3.11/site-packages/django/base.py", line 197, in _get\n    r = f()\n',
  '  File "/srv/app/views.py", line 42, in get_user\n    user_id = int(x)\n              ^^^^^^\n',
  "ValueError: invalid literal for int() with base 10: 'abc'\n",
];

const CHAINED = `Traceback (most recent call last):
  File "/srv/app/a.py", line 1, in a
    b()
KeyError: 'k'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/app/c.py", line 3, in c
    raise RuntimeError("two\\nlines")
RuntimeError: two
  indented line of the message`;

const JAVA = `java.lang.IllegalStateException: no total
\tat com.acme.Invoice.total(Invoice.java:118)
\tat org.springframework.web.Servlet.doDispatch(Servlet.java:1089)
\tat java.base/java.lang.Thread.run(Thread.java:840)
\tat jdk.internal.reflect.Native.invoke0(Native Method)
Caused by: java.sql.SQLException: refused
\tat com.acme.db.Pool.take(Pool.java:33)
\t... 12 more`;

const GO = `panic: index out of range

goroutine 41 [running]:
main.(*Server).handle(0xc0001, {0x7f, 0x3})
\t/srv/relay/server.go:211 +0x1d4
net/http.HandlerFunc.ServeHTTP(0x0)
\t/usr/local/go/src/net/http/server.go:2220 +0x29
created by main.main in goroutine 1
\t/srv/relay/main.go:30 +0x88`;

describe('the frames of', () => {
  test.each<[string, string | string[], string[]]>([
    [
      'V8',
      `TypeError: x
    at Foo.bar (/app/a.js:2:22)
    at /app/a.js:3:29
    at async fn (file:///C:/my%20app/b.js:1:2)
    at new K (C:\\app\\k.js:5:6)
    at Array.map (<anonymous>)
    at go (/app/node_modules/@nestjs/core/index.js:9:1)
    at node:internal/process/task:95:5
    at f (eval at g (/app/a.js:4:17), <anonymous>:1:6)`,
      [
        'Foo.bar @ /app/a.js:2:22',
        ' @ /app/a.js:3:29',
        'async fn @ file:///C:/my%20app/b.js:1:2',
        'new K @ C:\\app\\k.js:5:6',
        'Array.map @ <anonymous> [native]',
        'go @ /app/node_modules/@nestjs/core/index.js:9:1 [@nestjs/core]',
        ' @ node:internal/process/task:95:5 [node]',
        'f @ /app/a.js:4:17',
      ],
    ],
    [
      'Firefox and Safari',
      `bar@https://h/a.js:3:17
@https://h/a.js:4:29
get g@https://h/x.js?v=1:4:2
map@[native code]
@https://h/ line 5 > eval:1:1`,
      [
        'bar @ https://h/a.js:3:17',
        ' @ https://h/a.js:4:29',
        'get g @ https://h/x.js?v=1:4:2',
        'map @ [native code] [native]',
        ' @ https://h/:5',
      ],
    ],
    [
      'Python',
      PYTHON,
      [
        '_get @ /usr/lib/python3.11/site-packages/django/base.py:197 [django]',
        'get_user @ /srv/app/views.py:42',
      ],
    ],
    [
      'Java',
      JAVA,
      [
        'com.acme.Invoice.total @ Invoice.java:118',
        'org.springframework.web.Servlet.doDispatch @ Servlet.java:1089 [org.springframework]',
        'java.base/java.lang.Thread.run @ Thread.java:840 [java]',
        'com.acme.db.Pool.take @ Pool.java:33',
      ],
    ],
    [
      'Go',
      GO,
      [
        'main.(*Server).handle() @ /srv/relay/server.go:211',
        'net/http.HandlerFunc.ServeHTTP() @ /usr/local/go/src/net/http/server.go:2220 [go]',
        'created by main.main in goroutine 1 @ /srv/relay/main.go:30',
      ],
    ],
    [
      'C#',
      '   at Acme.Total(Int32 n) in C:\\src\\A.cs:line 9',
      ['Acme.Total(Int32 n) @ C:\\src\\A.cs:9'],
    ],
    ['PHP', '#0 /srv/a.php(12): run(1)', ['run(1) @ /srv/a.php:12']],
    ['Ruby', "app/x.rb:3:in `save'", ['save @ app/x.rb:3']],
    ['Rust', '   4: app::run\n             at ./src/main.rs:7:5', ['app::run @ ./src/main.rs:7:5']],
  ])('%s', (_, stack, expected) => {
    expect(shown(stack)).toEqual(expected);
  });
});

test('Python names its error after the frames, and source lines stay with them', () => {
  const trace = parseTrace(PYTHON);
  expect(trace?.order).toBe('oldest-first');
  expect(trace?.blocks).toHaveLength(1);
  expect(trace?.blocks[0]?.heading).toEqual([
    "ValueError: invalid literal for int() with base 10: 'abc'",
  ]);
  expect(dedented(trace?.blocks[0]?.frames[1]?.source ?? [])).toBe(
    'user_id = int(x)\n          ^^^^^^',
  );
});

test('a chain becomes blocks, each with its own message', () => {
  const python = parseTrace(CHAINED);
  expect(python?.blocks.map((block) => block.heading)).toEqual([
    ["KeyError: 'k'"],
    [
      'During handling of the above exception, another exception occurred:',
      'RuntimeError: two',
      '  indented line of the message',
    ],
  ]);
  const java = parseTrace(JAVA);
  expect(java?.blocks.map((block) => block.heading[0])).toEqual([
    'java.lang.IllegalStateException: no total',
    'Caused by: java.sql.SQLException: refused',
  ]);
  expect(java?.order).toBe('newest-first');
});

test('what holds no frame is no trace, and nothing of it is lost', () => {
  expect(parseTrace(['just text', 'mail me@example.com'])).toBeNull();
  expect(parseTrace([])).toBeNull();
  expect(parseTrace(undefined)).toBeNull();
  expect(rawTrace(PYTHON).split('\n')).toHaveLength(7);
  expect(rawTrace('as it came\n')).toBe('as it came\n');
});

test('libraries are folded by run; a trace of libraries alone shows its top five', () => {
  const frames = parseTrace(`E: x
    at a (/app/a.js:1:1)
    at b (/app/node_modules/p/b.js:1:1)
    at c (/app/node_modules/q/c.js:1:1)
    at d (/app/d.js:1:1)`)?.blocks[0]?.frames;
  const runs = runsOf(frames ?? [], true);
  expect(runs.map((run) => [run.folded, run.frames.length, run.libraries])).toEqual([
    [false, 1, []],
    [true, 2, ['p', 'q']],
    [false, 1, []],
  ]);
  const only = Array.from({ length: 9 }, (_, n) => `    at f${n} (/node_modules/p/b.js:1:1)`);
  const found = parseTrace(only)?.blocks[0]?.frames ?? [];
  expect(runsOf(found, true).map((run) => [run.folded, run.frames.length])).toEqual([
    [false, 5],
    [true, 4],
  ]);
  expect(runsOf(found, false).map((run) => [run.folded, run.frames.length])).toEqual([
    [true, 4],
    [false, 5],
  ]);
});

test('a hundred thousand characters without a frame are read in a moment', () => {
  const started = performance.now();
  parseTrace([`at ${'('.repeat(50_000)}`, `${'a@'.repeat(50_000)}`, ' '.repeat(100_000)]);
  expect(performance.now() - started).toBeLessThan(1_000);
});

test.each([
  ['/srv/app/views.py', 'f', null],
  ['/usr/lib/python3.11/json/decoder.py', 'f', 'python'],
  ['/app/.venv/lib/python3.12/site-packages/requests/api.py', 'get', 'requests'],
  ['/app/node_modules/.pnpm/koa@3.0.0/node_modules/koa/lib/a.js', 'f', 'koa'],
  ['/go/pkg/mod/github.com/gin-gonic/gin@v1.9.1/context.go', 'f', 'github.com/gin-gonic/gin'],
  ['/home/ann/.cargo/registry/src/index-1/tokio-1.40.0/src/a.rs', 'f', 'tokio'],
  ['chrome-extension://abc/x.js', 'f', 'browser extension'],
])('%s is of %s: %s', (file, fn, library) => {
  expect(libraryOf(file, fn)).toBe(library);
});

test('a line of a script without a name is not a file called ":1"', () => {
  const stack = ['Error: x', '    at run (:12:3)', '    at :1:1', '    at f (a.js:2:3)'];
  expect(shown(stack)).toEqual([
    'run @ <anonymous>:12:3 [native]',
    ' @ <anonymous>:1:1 [native]',
    'f @ a.js:2:3',
  ]);
});
