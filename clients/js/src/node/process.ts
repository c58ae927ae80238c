// The last places where an error can be seen: uncaught exceptions, unhandled rejections, the end of
// the process. What Node does without us is kept: an error that nobody catches ends the program.

import { isMainThread } from 'node:worker_threads';
import type { Client } from '../client.js';
import { state } from '../state.js';
import { sendNow } from './post.js';

const FLUSH_MS = 2_000;

let isWatching = false;
let isEnding = false;
/** Time was up already: the end is not put off again. */
let isLate = false;

const client = (): Client | undefined => state.client;

const mode = (): string => {
  const chosen = client()?.settings.onUncaught ?? 'exit';
  // A worker's error has to reach its parent.
  return chosen === 'exit' && !isMainThread ? 'observe' : chosen;
};

/** Watches once, however often `init` is called. */
export function watchProcess(): void {
  if (isWatching) return;
  isWatching = true;
  process.on('beforeExit', onIdle);
  process.on('exit', onExit);
  const chosen = mode();
  if (chosen === 'observe') process.on('uncaughtExceptionMonitor', onSeen);
  if (chosen === 'exit' || chosen === 'continue') {
    process.on('uncaughtException', onUncaught);
    process.on('unhandledRejection', onRejected);
  }
}

/** For tests, and for programs that stop reporting. */
export function unwatchProcess(): void {
  isWatching = false;
  process.off('beforeExit', onIdle);
  process.off('exit', onExit);
  process.off('uncaughtExceptionMonitor', onSeen);
  process.off('uncaughtException', onUncaught);
  process.off('unhandledRejection', onRejected);
}

function onSeen(error: unknown, origin: string): void {
  client()?.capture(error, {
    level: origin === 'unhandledRejection' ? 'error' : 'fatal',
    isUncaught: true,
    context: { mechanism: origin },
  });
}

function onUncaught(error: unknown): void {
  onSeen(error, 'uncaughtException');
  end(error, 'uncaughtException');
}

function onRejected(reason: unknown): void {
  onSeen(reason, 'unhandledRejection');
  // The program was started so that rejections do not end it.
  const words = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
  if (/--unhandled-rejections[= ](warn|none)/.test(words)) return;
  end(reason, 'unhandledRejection');
}

function end(error: unknown, event: 'uncaughtException' | 'unhandledRejection'): void {
  // Somebody else listens as well, and decides.
  if (process.listenerCount(event) > 1) return;
  console.error(error);
  if (mode() === 'continue' || isEnding) return;
  isEnding = true;
  const leave = (): never => process.exit(1);
  const sent = flushed();
  if (sent) sent.then(leave, leave);
  else leave();
}

function flushed(): Promise<void> | undefined {
  return client()?.flush(FLUSH_MS).then((all) => {
    isLate = !all;
  });
}

let idleFlushes = 0;

/** Nothing is left to do but to send. */
function onIdle(): void {
  const one = client();
  // Flushing makes the loop idle again: twice is enough when Log Center is away.
  if (!one || idleFlushes >= 2 || !one.hasWaiting) return;
  idleFlushes += 1;
  void flushed();
}

function onExit(): void {
  try {
    const one = client();
    const isUseful = one?.isEnabled && !isLate && !one.outbox.isHeldBack;
    if (isUseful) sendNow(one.settings, one.leftAtExit());
  } catch {
    // The end of a program is no place for new errors.
  }
}
