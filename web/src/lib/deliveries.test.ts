import { afterEach, expect, test, vi } from 'vitest';
import { DeliveryList } from './deliveries.svelte';
import { notifyApi } from './notifyapi';
import type { Delivery, Outcome } from './notifying';

function delivery(id: number, outcome: Outcome): Delivery {
  return {
    id,
    notice_id: id,
    channel_id: 1,
    issue_id: null,
    trigger: 'created',
    at: `2026-11-01T00:00:00.${String(id).padStart(3, '0')}Z`,
    took_ms: 1,
    outcome,
    code: '',
    reason: '',
    answer: '',
  };
}

/** A server with these attempts, newest first, by pages of so many. */
function served(attempts: Delivery[], size: number) {
  return vi.spyOn(notifyApi, 'deliveries').mockImplementation(async ({ cursor }) => {
    const from = Number(cursor ?? 0);
    const next = from + size < attempts.length ? String(from + size) : null;
    return { items: attempts.slice(from, from + size), next_cursor: next };
  });
}

afterEach(() => vi.restoreAllMocks());

test('attempts of an outcome are looked for over several pages', async () => {
  const attempts = Array.from({ length: 40 }, (_, at) =>
    delivery(40 - at, at === 35 ? 'rejected' : 'sent'),
  );
  const asked = served(attempts, 10);
  const list = new DeliveryList();
  await list.load({ show: 'failed', channelId: null });
  expect(list.attempts.map(({ id }) => id)).toEqual([5]);
  expect(asked).toHaveBeenCalledTimes(4);
  expect([list.nextCursor, list.searchedTo]).toEqual([null, null]);
});

test('a search that stops says how far back it went', async () => {
  const attempts = Array.from({ length: 300 }, (_, at) => delivery(300 - at, 'sent'));
  served(attempts, 10);
  const list = new DeliveryList();
  await list.load({ show: 'failed', channelId: null });
  expect(list.attempts).toEqual([]);
  expect(list.searchedTo).toBe(attempts[99]?.at);
  await list.load({ show: 'failed', channelId: null }, true);
  expect(list.searchedTo).toBe(attempts[199]?.at);
});

test('what comes later is counted, and moves no row', async () => {
  const attempts = [delivery(1, 'sent')];
  served(attempts, 10);
  const list = new DeliveryList();
  await list.load({ show: 'all', channelId: null });
  attempts.unshift(delivery(3, 'retry'), delivery(2, 'sent'));
  await list.refresh({ show: 'all', channelId: null });
  expect([list.fresh, list.attempts.length]).toEqual([2, 1]);
});

test('the first row comes by itself: there is none that it could move', async () => {
  const attempts: Delivery[] = [];
  served(attempts, 10);
  const list = new DeliveryList();
  await list.load({ show: 'sent', channelId: 1 });
  attempts.push(delivery(1, 'sent'));
  await list.refresh({ show: 'sent', channelId: 1 });
  expect(list.attempts.map(({ id }) => id)).toEqual([1]);
});
