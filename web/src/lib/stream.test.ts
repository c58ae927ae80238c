import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { pauseMs, Stream, type Source } from './stream';

class FakeSource implements Source {
  readyState = 0;
  closed = false;
  private readonly listeners = new Map<string, (event: MessageEvent<string>) => void>();

  constructor(readonly lastId: string | null) {}

  addEventListener(name: string, listener: (event: MessageEvent<string>) => void): void {
    this.listeners.set(name, listener);
  }

  close(): void {
    this.closed = true;
  }

  fire(name: string, data = '', lastEventId = ''): void {
    this.listeners.get(name)?.({ data, lastEventId } as MessageEvent<string>);
  }

  fail(readyState: number): void {
    this.readyState = readyState;
    this.fire('error');
  }
}

let sources: FakeSource[];
let heard: (string | null)[];
let changes: boolean[];
let stream: Stream;

function newest(): FakeSource {
  return sources.at(-1) as FakeSource;
}

beforeEach(() => {
  vi.useFakeTimers();
  [sources, heard, changes] = [[], [], []];
  stream = new Stream(
    (lastId) => {
      sources.push(new FakeSource(lastId));
      return newest();
    },
    {
      heard: (told) => heard.push(told && `${told.event} ${told.issue_id}`),
      changed: (live) => changes.push(live),
    },
    () => 1,
  );
});
afterEach(() => void vi.useRealTimers());

test('pauses grow to a minute, and are spread', () => {
  expect([1, 2, 3, 7, 99].map((n) => pauseMs(n, 1))).toEqual([1_000, 2_000, 4_000, 60_000, 60_000]);
  expect(pauseMs(3, 0)).toBe(2_000);
});

test('messages and resets are passed on', () => {
  stream.start();
  stream.start();
  newest().fire('open');
  newest().fire('issue.new', '{"issue_id":7}', 'a-1');
  newest().fire('reset', '{}', 'a-9');
  expect([sources.length, heard]).toEqual([1, [null, 'issue.new 7', null]]);
});

test('it goes on behind the newest message after it was stopped', () => {
  stream.start();
  newest().fire('open');
  newest().fire('issue.seen', '{"issue_id":7}', 'a-4');
  stream.stop();
  expect(newest().closed).toBe(true);
  newest().fire('issue.seen', '{"issue_id":8}', 'a-5');
  stream.start();
  expect(newest().lastId).toBe('a-4');
  newest().fire('open');
  expect(heard).toEqual([null, 'issue.seen 7']);
});

test('the browser comes back by itself after a break, and everything is read again', () => {
  stream.start();
  newest().fire('open');
  newest().fail(0);
  newest().fire('open');
  expect([sources.length, changes, heard]).toEqual([1, [true, false, true], [null, null]]);
});

test('a refusal is tried again after growing pauses', async () => {
  stream.start();
  for (const pause of [1_000, 2_000, 4_000]) {
    const before = sources.length;
    newest().fail(2);
    await vi.advanceTimersByTimeAsync(pause - 1);
    expect(sources.length).toBe(before);
    await vi.advanceTimersByTimeAsync(1);
    expect(sources.length).toBe(before + 1);
  }
  newest().fail(2);
  stream.stop();
  await vi.advanceTimersByTimeAsync(99_000);
  expect(sources.length).toBe(4);
});
