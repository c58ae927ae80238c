/** The live stream of this tab: open while the tab is looked at. Pages follow it. */
import { streamAddress } from './api';
import { coalesced } from './coalesced';
import type { Told } from './happening';
import { poll } from './poll';
import { Stream } from './stream';

/** A page reads again at most so often. */
const GAP_MS = 1_000;
/** What the stream does not tell (assigning, muting, comments) is seen after this; all of it, when
 * there is no stream. */
const SLOW_MS = 60_000;

type State = 'starting' | 'on' | 'off';

const state = $state<{ is: State }>({ is: 'starting' });

export const live = {
  get state(): State {
    return state.is;
  },
};

interface Follower {
  concerns: (told: Told) => boolean;
  nudge: () => void;
}

const followers = new Set<Follower>();

function heard(told: Told | null): void {
  for (const follower of followers) {
    if (!told || follower.concerns(told)) follower.nudge();
  }
}

function changed(isLive: boolean): void {
  const wasLive = state.is === 'on';
  state.is = isLive ? 'on' : 'off';
  // Reading shows whether the server is gone, or only its stream.
  if (wasLive && !isLive) heard(null);
}

/** Six open streams of one browser hold up everything else: a hidden tab has none. */
export function startLive(): void {
  const stream = new Stream((lastId) => new EventSource(streamAddress(lastId)), { heard, changed });
  function turn(): void {
    if (document.hidden) stream.stop();
    else stream.start();
  }
  document.addEventListener('visibilitychange', turn);
  // A page that is kept for the way back must not keep its connection.
  addEventListener('pagehide', () => stream.stop());
  addEventListener('pageshow', turn);
  turn();
}

/** A page that asks for several lists at once does it so often. */
export const WIDE_GAP_MS = 3_000;

/** Asks again when something happened that concerns the page; slowly, whatever happens. */
export function follow(
  ask: () => Promise<unknown>,
  concerns: (told: Told) => boolean,
  gapMs = GAP_MS,
): () => void {
  const asking = coalesced(ask, gapMs);
  const follower = { concerns, nudge: asking.nudge };
  followers.add(follower);
  const stopPolling = poll(async () => asking.nudge(), SLOW_MS);
  return () => {
    followers.delete(follower);
    stopPolling();
    asking.stop();
  };
}
