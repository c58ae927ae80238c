// The client for servers, scripts and workers.

import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { Client } from './client.js';
import { posting } from './node/post.js';
import { unwatchProcess, watchProcess } from './node/process.js';
import { watchRequests } from './node/propagate.js';
import { foundOptions, surroundings } from './node/surroundings.js';
import { recognise } from './rules.js';
import { safeText } from './safe.js';
import { Scope } from './scope.js';
import { optionsOf } from './settings.js';
import { settle, withoutAbsent } from './settle.js';
import { currentScope, state } from './state.js';
import { Storm } from './storm.js';
import type { Options } from './types.js';

const FRAMES = 50;

/** Starts reporting. What is not given comes from the environment, then from the project. */
export function init(given?: Options): void {
  const options = given ?? {};
  try {
    start(options);
  } catch (fault) {
    if (options.debug) console.debug(`log-center: not started: ${safeText(fault)}`);
  }
}

function start(options: Options): void {
  const given = { ...optionsOf(process.env), ...withoutAbsent({ ...options }) };
  const rootDir = safeText(given.rootDir ?? process.cwd());
  const settings = settle({ ...foundOptions(rootDir, given), ...given });
  const say = (text: string): void => client.say(text);
  const client: Client = new Client(settings, {
    recognise,
    post: posting(settings, say),
    newId: randomUUID,
    surroundings,
    ignored: [],
    storm: new Storm(),
    isOwnAddress: () => true,
    reportsMax: Infinity,
  });
  void state.client?.close();
  state.client = client;
  if (!('enterWith' in state.scopes)) state.scopes = new AsyncLocalStorage<Scope>();
  // Node keeps ten frames; frameworks alone can be more.
  if (Error.stackTraceLimit < FRAMES) Error.stackTraceLimit = FRAMES;
  unwatchProcess();
  if (!client.isEnabled) {
    client.say(settings.url ? 'switched off' : 'no url: nothing is sent');
    return;
  }
  watchProcess();
  watchRequests();
}

/**
 * A job, a queue's consumer or a serverless function: its errors are reported under its name, and
 * everything is sent before it settles, since the machine may freeze then.
 */
export function watch<A extends unknown[], R>(
  name: string,
  work: (...args: A) => R | Promise<R>,
): (...args: A) => Promise<R> {
  return (...args) => {
    const scope = new Scope(currentScope());
    scope.requestId = currentScope().id ?? randomUUID();
    scope.context = { component: name };
    return state.scopes.run(scope, async () => {
      try {
        return await work(...args);
      } catch (error) {
        state.client?.capture(error);
        throw error;
      } finally {
        if (state.client?.hasWaiting) await state.client.flush();
      }
    });
  };
}

export * from './api.js';
export * from './errors.js';
export { requestMiddleware, reportRequestError } from './node/requests.js';
export type * from './types.js';
export type { ErrorDetails } from './errors.js';
