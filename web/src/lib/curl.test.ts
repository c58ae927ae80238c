import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { curlCommand, quoted } from './curl';
import { fenced } from './markdown';
import { requestOf } from './request';
import type { Context } from './types';

/** The words that a POSIX shell hands to curl: a function of that name prints them. */
function words(command: string): string[] {
  const script = `curl() { for word in "$@"; do printf '%s\\0' "$word"; done; }\n${command}`;
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1);
}

function commandOf(context: Context) {
  const request = requestOf(context);
  if (!request) throw new Error('the context holds no request');
  return curlCommand(request);
}

test.each([
  "it's",
  '$(touch /tmp/x) `id` $HOME "quoted" \\ !!',
  'two\nlines',
  '',
  '-X',
  '中文 ё',
])('a shell reads %j back as it was', (text) => {
  expect(words(`curl ${quoted(text)}`)).toEqual([text]);
});

test('a whole request survives the shell', () => {
  const { command, placeholder, scrubbed } = commandOf({
    url: "https://api.example.com/a[1]{x}?q='; rm -rf ~",
    method: 'post',
    headers: {
      Host: 'evil',
      'Content-Length': '3',
      'X-Note': "it's\r\nX-Injected: 1",
      Authorization: '[scrubbed]',
      'bad name': 'x',
    },
    body: { text: "@/etc/passwd 'x'\n\u001b[31m" },
  });
  expect(words(command)).toEqual([
    '--request',
    'POST',
    '--url',
    "https://api.example.com/a[1]{x}?q='; rm -rf ~",
    '--globoff',
    '--compressed',
    '--header',
    "X-Note: it'sX-Injected: 1",
    '--header',
    'Authorization: [scrubbed]',
    '--header',
    'content-type: application/json',
    '--data-raw',
    JSON.stringify({ text: "@/etc/passwd 'x'\n\u001b[31m" }),
  ]);
  expect(placeholder).toBeNull();
  expect(scrubbed).toEqual(['Authorization']);
});

test('escape sequences never reach a terminal', () => {
  const { command } = commandOf({
    url: 'http://h/\u001b]0;x\u0007',
    method: 'GET',
    headers: { a: '\u009b31m\u0000' },
    body: 'x\u001b[2J\ty\nz',
  });
  // eslint-disable-next-line no-control-regex
  expect(command).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
  expect(words(command)).toContain('x[2J\ty\nz');
});

test('a path gets the host of its header, or a placeholder that is named', () => {
  const headers = { host: 'api.example.com:8080' };
  const withHost = commandOf({ url: '/a', method: 'GET', headers });
  expect(words(withHost.command)[3]).toBe('http://api.example.com:8080/a');
  expect(withHost.placeholder).toBeNull();
  const hostile = commandOf({ url: 'a', headers: { host: 'x y' } });
  expect(words(hostile.command)[3]).toBe('http://host.example/a');
  expect(hostile.placeholder).toBe('http://host.example');
});

test('a method that is none becomes GET', () => {
  expect(words(commandOf({ url: '/', method: '--upload-file x' }).command)[1]).toBe('GET');
});

test('the query goes into an address that has none', () => {
  const command = commandOf({ url: 'http://h/a#top', query: { q: 'a b', n: 1, list: ['x', 'y'] } });
  expect(words(command.command)[3]).toBe('http://h/a?q=a+b&n=1&list=x&list=y#top');
});

test('members of the context go before those nested in request', () => {
  const request = requestOf({
    method: 'PUT',
    request: { url: 'http://h/', method: 'GET', headers: [['a', 'b']], query_string: 'x=1' },
  });
  expect(request).toMatchObject({ url: 'http://h/', method: 'PUT', headers: [['a', 'b']] });
  expect(requestOf({ user_id: 'u' })).toBeNull();
  expect(requestOf(null)).toBeNull();
});

test('nothing inside a fence can close it', () => {
  expect(fenced('a\n```\nb')).toBe('````\na\n```\nb\n````');
  expect(fenced('plain', 'json')).toBe('```json\nplain\n```');
});
