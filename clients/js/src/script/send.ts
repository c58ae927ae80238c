// The way out of a page that has no bundler: one queue, beacons at the end, storage while there
// is no network.

export interface Target {
  url: string;
  key: string | undefined;
}

const KEEPALIVE_CHARACTERS_MAX = 20_000;
const TIMEOUT_MS = 3_000;
const RETRY_MS = 2_000;
const RETRY_AFTER_S = 60;
const WAITING_MAX = 30;
const KEPT = 'log-center';

const ownFetch = window.fetch?.bind(window);
let waiting: string[] = [];
let isSending = false;
let silentUntil = 0;
let target: Target;

const address = (): string =>
  `${target.url}/api/v1/logs/report${target.key ? `?key=${encodeURIComponent(target.key)}` : ''}`;

/** Starts with what the page before this one could not send; the end is told of in time. */
export function startSending(to: Target, tellRest: () => void): void {
  target = to;
  const wake = (): void => {
    try {
      const kept = JSON.parse(localStorage[KEPT] || '[]') as string[];
      delete localStorage[KEPT];
      kept.forEach(send);
    } catch {
      // No storage, or not ours.
    }
  };
  const leave = (): void => {
    tellRest();
    waiting = waiting.filter((body) => {
      try {
        return body.length > KEEPALIVE_CHARACTERS_MAX || !navigator.sendBeacon(address(), body);
      } catch {
        return true;
      }
    });
    keep();
  };
  addEventListener('online', wake);
  addEventListener('pagehide', leave);
  document.addEventListener('visibilitychange', () => document.hidden && leave());
  wake();
}

function keep(): void {
  try {
    if (waiting.length) localStorage[KEPT] = JSON.stringify(waiting.slice(-10));
    waiting = [];
  } catch {
    // Storage is full or forbidden: they are lost.
  }
}

export function send(body: string): void {
  if (Date.now() < silentUntil) return;
  waiting.push(body);
  if (waiting.length > WAITING_MAX) waiting.shift();
  if (!isSending) setTimeout(() => void run());
}

async function run(): Promise<void> {
  if (isSending || !ownFetch) return;
  isSending = true;
  for (let attempt = 0; waiting.length; ) {
    const body = waiting[0]!;
    const status = await post(body);
    // A beacon may have taken it meanwhile.
    if (waiting[0] !== body) continue;
    if (status > 0 && status < 500) {
      waiting.shift();
      attempt = 0;
    } else if ((attempt += 1) < 2) {
      await new Promise((next) => setTimeout(next, RETRY_MS));
    } else {
      if (status) waiting.shift();
      else keep();
      attempt = 0;
    }
  }
  isSending = false;
}

/** As `text/plain`, so that no browser asks first. 0: nobody answered. */
async function post(body: string): Promise<number> {
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), TIMEOUT_MS);
  try {
    const { status, headers } = await ownFetch(address(), {
      method: 'POST',
      body,
      credentials: 'omit',
      keepalive: body.length < KEEPALIVE_CHARACTERS_MAX,
      signal: ending.signal,
    });
    if (status === 429 || status === 503) {
      silentUntil = Date.now() + (Number(headers.get('retry-after')) || RETRY_AFTER_S) * 1_000;
      return 1;
    }
    return status;
  } catch {
    return 0;
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until all that was reported has left. */
export async function sent(timeoutMs = 2_000): Promise<boolean> {
  for (let end = Date.now() + timeoutMs; waiting.length && Date.now() < end; ) {
    await new Promise((next) => setTimeout(next, 50));
  }
  return !waiting.length;
}
