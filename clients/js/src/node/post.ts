// The way to Log Center from a server, and the one that is left when the program ends at once.

import { spawnSync } from 'node:child_process';
import { basename } from 'node:path';
import type { Answer, Item, Post } from '../outbox.js';
import { Scope } from '../scope.js';
import { state } from '../state.js';
import type { Settings } from '../settle.js';

const REPORT = '/api/v1/logs/report';
const BATCH = `${REPORT}/batch`;
const ANSWER_CHARACTERS_MAX = 100_000;

// Taken once: tests and tracers replace the global one, and reports are no part of either.
const ownFetch = globalThis.fetch;

function headersOf(settings: Settings): Record<string, string> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (settings.key) headers['x-log-center-key'] = settings.key;
  return headers;
}

export function posting(settings: Settings, say: (text: string) => void): Post {
  const headers = headersOf(settings);
  const outside = new Scope();
  const send = async (body: string, isBatch: boolean): Promise<Answer> => {
    const answer = await ownFetch(settings.url + (isBatch ? BATCH : REPORT), {
      method: 'POST',
      headers,
      body,
      // A key is for the address that was given, and no other.
      redirect: 'manual',
      signal: AbortSignal.timeout(settings.timeout),
    });
    const text = await beginningOf(answer);
    if (!answer.ok || (isBatch && text.includes('"status":"error"'))) say(text.slice(0, 500));
    return { status: answer.status, retryAfter: answer.headers.get('retry-after') };
  };
  // Outside every request: a report must not look like one of its calls.
  return (body, isBatch) => state.scopes.run(outside, () => send(body, isBatch));
}

/** Whatever answers there may never come to an end. */
async function beginningOf(answer: Response): Promise<string> {
  const reader = answer.body?.getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (reader && text.length < ANSWER_CHARACTERS_MAX) {
    const { done, value } = await reader.read();
    if (done) return text;
    text += decoder.decode(value, { stream: true });
  }
  await reader?.cancel();
  return text;
}

const SENDER = `let text = '';
process.stdin.on('data', (part) => (text += part)).on('end', () => {
  const { url, headers, body, timeout } = JSON.parse(text);
  const signal = AbortSignal.timeout(timeout);
  fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal })
    .catch(() => {}).then(() => process.exit());
});`;

/**
 * Sends in another process and waits for it: in an `exit` handler nothing else can reach the
 * network. Takes about 50 ms, and at most as long as one request may.
 */
export function sendNow(settings: Settings, items: readonly Item[]): void {
  // A program packed into one file would start itself again.
  if (!items.length || !/^node(js)?(\.exe)?$/i.test(basename(process.execPath))) return;
  const input = JSON.stringify({
    url: settings.url + BATCH,
    headers: headersOf(settings),
    body: `[${items.map((one) => one.body).join(',')}]`,
    timeout: Math.min(settings.timeout, 2_000),
  });
  const { NODE_OPTIONS: _, ...env } = process.env;
  spawnSync(process.execPath, ['-e', SENDER], {
    input,
    env,
    timeout: Math.min(settings.timeout, 2_000) + 500,
    stdio: ['pipe', 'ignore', 'ignore'],
    windowsHide: true,
  });
}
