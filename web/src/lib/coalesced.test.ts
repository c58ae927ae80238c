import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { coalesced } from './coalesced';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a storm of nudges is one run a second, and one after the last', async () => {
  const run = vi.fn(() => Promise.resolve());
  const asking = coalesced(run, 1_000);
  for (let ms = 0; ms < 3_500; ms += 10) {
    asking.nudge();
    await vi.advanceTimersByTimeAsync(10);
  }
  expect(run).toHaveBeenCalledTimes(4);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(run).toHaveBeenCalledTimes(5);
});

test('a run that fails does not end it, a stop does', async () => {
  const run = vi.fn(() => Promise.reject(new Error('away')));
  const asking = coalesced(run, 1_000);
  asking.nudge();
  await vi.advanceTimersByTimeAsync(1_000);
  asking.nudge();
  asking.nudge();
  await vi.advanceTimersByTimeAsync(0);
  expect(run).toHaveBeenCalledTimes(2);
  asking.stop();
  await vi.advanceTimersByTimeAsync(5_000);
  asking.nudge();
  expect(run).toHaveBeenCalledTimes(2);
});
