// The client for pages.

import { Client } from './client.js';
import { isOwnAddress, newId } from './browser/address.js';
import { guess } from './browser/fetch.js';
import { onLost, onOnline, watchPage } from './browser/page.js';
import { posting } from './browser/post.js';
import { recogniseBy } from './recognise.js';
import { safeText } from './safe.js';
import { requestRules } from './rules-requests.js';
import { settle } from './settle.js';
import { state } from './state.js';
import { Storm } from './storm.js';
import type { Options } from './types.js';

/** What no page can do anything about. */
const IGNORED = [/: Script error\.?$/, /ResizeObserver loop/, /-extension:\/\//];
/** One page's reports at most; equal ones once in this time. */
const REPORTS_MAX = 100;
const EQUAL_MS = 5_000;

/** Starts reporting from this page. Bundlers' variables are given as options. */
export function init(given?: Options): void {
  const options = given ?? {};
  try {
    const settings = settle(options);
    const client = new Client(settings, {
      recognise: (error) => recogniseBy(requestRules, error),
      post: posting(settings),
      newId,
      surroundings: () => ({ url: location.href, userAgent: navigator.userAgent }),
      guess,
      ignored: IGNORED,
      storm: new Storm(1, EQUAL_MS),
      isOwnAddress,
      reportsMax: REPORTS_MAX,
    });
    client.outbox.onLost = onLost;
    state.client = client;
    if (!client.isEnabled) {
      client.say('no url: nothing is sent');
      return;
    }
    if (options.onUncaught !== 'off') watchPage();
    onOnline();
  } catch (fault) {
    if (options.debug) console.debug(`log-center: not started: ${safeText(fault)}`);
  }
}

export * from './api.js';
export * from './errors.js';
export type * from './types.js';
export type { ErrorDetails } from './errors.js';
