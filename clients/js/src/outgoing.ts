// Which outgoing requests carry a request id. The same on servers and in pages.

import { matches } from './safe.js';
import { currentScope, state } from './state.js';

export const HEADER = 'x-request-id';

/** Whether a request to this address may carry our header. */
export function isPropagated(url: string): boolean {
  const { client } = state;
  if (!client) return false;
  const { propagate, url: own } = client.settings;
  if (propagate === false || (own && url.startsWith(own))) return false;
  if (Array.isArray(propagate)) return propagate.some((one) => isMeant(one, url));
  return propagate === true || client.platform.isOwnAddress(url);
}

/** `https://api.shop.example/v1` is the beginning of an address, `*.shop.internal` is a host. */
function isMeant(one: string | RegExp, url: string): boolean {
  if (typeof one !== 'string') return matches(one, url);
  if (one.includes('://')) return url.startsWith(one);
  const host = /^[a-z]+:\/\/([^/:?#]*)/i.exec(url)?.[1];
  if (host === undefined) return false;
  return one.startsWith('*.') ? host.endsWith(one.slice(1)) : host === one;
}

/** The id for a request to this address: that of the request being answered. */
export const idFor = (url: string): string | undefined =>
  isPropagated(url) ? currentScope().id : undefined;
