import { expect, test } from 'vitest';
import { agentOf } from './agent';

const MOZILLA = 'Mozilla/5.0';
const WEBKIT = 'AppleWebKit/605.1.15 (KHTML, like Gecko)';
const BLINK = 'AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0';

test.each([
  [`${MOZILLA} (Windows NT 10.0; Win64; x64) ${BLINK} Safari/537.36`, 'Chrome 131 Windows'],
  [`${MOZILLA} (Windows NT 10.0) ${BLINK} Safari/537.36 Edg/132.0.1`, 'Edge 132 Windows'],
  [
    `${MOZILLA} (iPhone; CPU iPhone OS 18_1 like Mac OS X) ${WEBKIT} Version/18.1 Safari/604.1`,
    'Safari 18 iPhone',
  ],
  [`${MOZILLA} (Macintosh; Intel Mac OS X 10_15_7) ${WEBKIT} Version/18.0 Safari/605`,
    'Safari 18 macOS'],
  [`${MOZILLA} (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0`, 'Firefox 140 Linux'],
  [`${MOZILLA} (iPad; CPU OS 18_0 like Mac OS X) ${WEBKIT} FxiOS/133.0 Mobile`, 'Firefox 133 iPad'],
  [`${MOZILLA} (Linux; Android 14) ${BLINK} Mobile Safari/537.36 OPR/85.0`, 'Opera 85 Android'],
  [`${MOZILLA} (Linux; Android 14) SamsungBrowser/27.0 Chrome/125.0`,
    'Samsung Internet 27 Android'],
  ['Chrome/', 'Chrome  '],
])('%s', (text, expected) => {
  const agent = agentOf(text);
  expect(`${agent?.browser} ${agent?.version} ${agent?.system}`).toBe(expected);
});

test('what is no browser is none', () => {
  for (const text of ['', 'curl/8.5.0', 'python-requests/2.32', 'Googlebot/2.1']) {
    expect(agentOf(text)).toBeNull();
  }
});
