/** Tests of channels that were sent from here, with what came of each. */
import { loadNotifying } from './channels.svelte';
import { notifyApi } from './notifyapi';
import type { ChannelTest } from './notifying';

export type Tested =
  | { is: 'sending' }
  | { is: 'told'; test: ChannelTest }
  | { is: 'refused'; error: unknown };

const results = $state<Record<number, Tested>>({});

export function testOf(id: number): Tested | undefined {
  return results[id];
}

export function forgetTest(id: number): void {
  delete results[id];
}

export async function sendTest(id: number): Promise<void> {
  results[id] = { is: 'sending' };
  try {
    results[id] = { is: 'told', test: await notifyApi.testChannel(id) };
  } catch (error) {
    results[id] = { is: 'refused', error };
  }
  await loadNotifying();
}
