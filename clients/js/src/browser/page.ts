// What happens to a page: errors nobody caught, its end, the network's return, its requests.

import { state } from '../state.js';
import { isPropagated } from '../outgoing.js';
import { disown, frameOf, ownFrame, relative, stackLines } from '../stack.js';
import { watchFetch } from './fetch.js';
import { keep, sendBeacons, takeKept } from './post.js';

let isWatching = false;
/** What our fetch is called in stacks. */
let fetchName: string | undefined;

export function watchPage(): void {
  if (isWatching) return;
  isWatching = true;
  addEventListener('error', onError);
  addEventListener('unhandledrejection', onRejection);
  addEventListener('pagehide', onHide);
  addEventListener('online', onOnline);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') onHide();
  });
  watchFetch({
    newId: () => state.client!.platform.newId(),
    isPropagated: (url) => Boolean(state.client?.isEnabled) && isPropagated(url),
    about: state.about,
    onThrown: disownFetch,
  });
  fetchName = globalThis.fetch?.name;
}

function onError(event: ErrorEvent): void {
  const { error, message, filename, lineno } = event;
  // An image or a script that did not load has no message.
  if (!message) return;
  const place = filename && lineno ? { file: relative(filename, ''), line: lineno } : undefined;
  state.client?.capture(error ?? message, { level: 'error', isUncaught: true, place });
}

function onRejection({ reason }: PromiseRejectionEvent): void {
  state.client?.capture(reason, { level: 'error', isUncaught: true });
}

function onHide(): void {
  const { client } = state;
  if (!client?.isEnabled) return;
  client.tellRest();
  sendBeacons(client.settings, client.outbox);
}

export function onOnline(): void {
  const { client } = state;
  if (client?.isEnabled) client.outbox.restore(takeKept());
}

export const onLost = keep;

/** In a bundle the frame of our fetch lies in the program's file: known by where it stands. */
function disownFetch(error: unknown): void {
  const top = frameOf(stackLines(error)[0] ?? '');
  // Bundlers may have given it another name.
  if (!top || top.file !== ownFrame()?.file || top.name.split(/[./]/).at(-1) !== fetchName) return;
  disown(`${top.file}:${top.line}:${top.column}`);
}
