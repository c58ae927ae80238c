// The last places where an error can be seen: uncaught exceptions, unhandled rejections, the end of
// the process. What Node does without us is kept: an error that nobody catches ends the program.

import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { isMainThread } from 'node:worker_threads';
import type { Client } from '../client.js';
import { isError } from '../causes.js';
import { frameOf, stackLines } from '../stack.js';
import { state } from '../state.js';
import { sendNow } from './post.js';

const FLUSH_MS = 2_000;

let isEnding = false;
/** The last event was sent out. */
let isLeaving = false;
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
  unwatchProcess();
  // Of all copies of this package one watches: two would each leave the end to the other.
  state.unwatch = unwatch;
  process.on('beforeExit', onIdle);
  process.on('exit', onExit);
  const chosen = mode();
  if (chosen === 'observe') process.on('uncaughtExceptionMonitor', onSeen);
  if (chosen === 'exit' || chosen === 'continue') decide();
}

function decide(): void {
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', onRejected);
}

function leaveIt(): void {
  process.off('uncaughtException', onUncaught);
  process.off('unhandledRejection', onRejected);
}

/** For tests, and for programs that stop reporting. */
export function unwatchProcess(): void {
  state.unwatch?.();
  state.unwatch = undefined;
}

function unwatch(): void {
  process.off('beforeExit', onIdle);
  process.off('exit', onExit);
  process.off('uncaughtExceptionMonitor', onSeen);
  leaveIt();
}

function onSeen(error: unknown, origin: string): void {
  client()?.capture(error, {
    level: origin === 'unhandledRejection' ? 'error' : 'fatal',
    isUncaught: true,
    context: { mechanism: origin },
  });
}

function onUncaught(error: unknown, origin: string): void {
  if (isHandedOn(error)) handedOn -= 1;
  else onSeen(error, origin);
  // Somebody else listens as well, and decides.
  if (process.listenerCount('uncaughtException') > 1) return;
  if (mode() === 'continue') {
    console.error(error);
    return;
  }
  process.stderr.write(lastWords(error));
  // From an `exit` handler: nothing asynchronous happens any more, and Node keeps a given code.
  if (isLeaving) {
    onExit();
    process.exit(process.exitCode ?? 1);
  }
  end(() => process.exit(1));
}

function onRejected(reason: unknown): void {
  onSeen(reason, 'unhandledRejection');
  if (process.listenerCount('unhandledRejection') > 1) return;
  // Without us Node would hand it to those.
  if (process.listenerCount('uncaughtException') > 1) {
    handOn(reason);
    return;
  }
  // The program was started so that rejections do not end it.
  const words = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
  if (/--unhandled-rejections[= ](warn|none)/.test(words)) return;
  if (mode() === 'continue') {
    console.error(reason);
  } else if (isError(reason)) {
    process.stderr.write(lastWords(reason));
    end(() => process.exit(1));
  } else {
    end(() => {
      // Node has words of its own for it, and ends the program.
      leaveIt();
      void Promise.reject(reason);
    });
  }
}

/** What was rejected and reported, and comes once more in an error of Node's. */
let handedOn = 0;

const isHandedOn = (error: unknown): boolean =>
  handedOn > 0 && isError(error) && 'code' in error && error.code === 'ERR_UNHANDLED_REJECTION';

/** Lets Node do what it does when nobody listens for rejections. */
function handOn(reason: unknown): void {
  process.off('unhandledRejection', onRejected);
  if (!isError(reason)) handedOn += 1;
  void Promise.reject(reason);
  setImmediate(() => {
    if (state.unwatch === unwatch) process.on('unhandledRejection', onRejected);
  });
}

function end(leave: () => void): void {
  if (isEnding) return;
  isEnding = true;
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
  isLeaving = true;
  try {
    const one = client();
    const isUseful = one?.isEnabled && !isLate && !one.outbox.isHeldBack;
    if (isUseful) sendNow(one.settings, one.leftAtExit());
  } catch {
    // The end of a program is no place for new errors.
  }
}

/** What Node says of an error that ends a program: the line, the stack, the version. */
function lastWords(error: unknown): string {
  const hint = '(Use `node --trace-uncaught ...` to show where the exception was thrown)';
  const text = isError(error)
    ? `${lineOf(error)}${inspect(error)}`
    : `Uncaught:\n${inspect(error)}\n${hint}`;
  return `${text}\n\nNode.js ${process.version}\n`;
}

/** The line of source that an error came from. */
function lineOf(error: Error): string {
  try {
    const frame = frameOf(stackLines(error).find((line) => frameOf(line)) ?? '');
    if (!frame) return '';
    const { file, line, column } = frame;
    const path = file.startsWith('file:') ? new URL(file) : file;
    const source = readFileSync(path, 'utf8').split('\n')[line - 1];
    if (source === undefined || source.length > 500) return '';
    const before = source.slice(0, column - 1).replace(/throw\s+$/, '');
    const caret = before.replace(/[^\t]/g, ' ');
    return `${file}:${line}\n${source}\n${caret}^\n\n`;
  } catch {
    // The stack says where.
    return '';
  }
}
