import { expect, test } from 'vitest';
import { noticesOf } from './notices';
import type { System } from './types';

const NOW = '2026-03-01T12:00:00.000Z';
const ago = (seconds: number) => new Date(Date.parse(NOW) - seconds * 1000).toISOString();
const removed = { events_by_age: 0, events_by_number: 0, events_by_size: 0, issues_by_size: 0 };

function system(changes: Partial<System> = {}): System {
  return {
    version: '1.0.0',
    started_at: ago(9000),
    at: NOW,
    storing: { ok: true, reason: null, message: null },
    last_error: null,
    queue: { reports: 0, reports_max: 100, bytes: 0, bytes_max: 100 },
    connections: { open: 1, open_max: 50, listeners: 0 },
    file: { bytes: 1, bytes_max: 2, wal_bytes: 0 },
    disk: { free_bytes: 4000, floor_bytes: 100 },
    reports: { stored: 0, duplicate: 0, trimmed: 0, adjusted: 0 },
    refused: { by_code: [], by_reason: [], by_project: [] },
    slow_reads: { from_ms: 200, items: [] },
    removed: { since_start: removed, ever: removed, for_size_at: null },
    keep: { retention_days: 90, events_per_issue: 1000 },
    certificate: null,
    limits: {
      rate_per_address: 60,
      rate_per_project: null,
      rate_per_key: null,
      connections_per_address: null,
      header_timeout_s: 65,
      body_timeout_s: 30,
      report_bytes_max: 1,
      batch_bytes_max: 1,
      batch_reports_max: 1,
    },
    ...changes,
  };
}

const size = (bytes: number) => `${bytes} B`;
const kinds = (changes: Partial<System>, dismissed = {}) =>
  noticesOf(system(changes), size, dismissed).map((notice) => notice.kind);
const refused = (reason: string, seconds: number) => ({
  refused: {
    by_code: [],
    by_project: [],
    by_reason: [{ reason, count: 1, last_at: ago(seconds) }],
  },
});

test('nothing is said while all is well', () => {
  expect(kinds({})).toEqual([]);
});

test('what stops reports comes first and cannot be put aside', () => {
  const full = {
    storing: { ok: false, reason: 'disk_full', message: 'x' },
    disk: { free_bytes: 10, floor_bytes: 100 },
    ...refused('queue_full', 5),
  };
  expect(kinds(full, { disk_full: Date.parse(NOW), disk_low: 0 })).toEqual([
    'disk_full',
    'queue_full',
  ]);
});

test('a refusal is news for two minutes', () => {
  expect(kinds(refused('address_rate', 119))).toEqual(['address_rate']);
  expect(kinds(refused('address_rate', 121))).toEqual([]);
  expect(noticesOf(system(refused('address_rate', 1)), size, {})[0]?.values).toEqual({ n: 60 });
});

test('a sender who is wrong or slow is no news for everybody', () => {
  for (const reason of ['bad_head', 'slow_body', 'long_read']) {
    expect(kinds(refused(reason, 1))).toEqual([]);
  }
});

test('what needs nobody at once can be put aside for a day', () => {
  const filling = {
    disk: { free_bytes: 399, floor_bytes: 100 },
    slow_reads: { from_ms: 200, items: [] },
    removed: { since_start: removed, ever: removed, for_size_at: ago(3600) },
  };
  expect(kinds(filling)).toEqual(['disk_low', 'removed_for_size']);
  const at = Date.parse(NOW);
  expect(kinds(filling, { disk_low: at - 1000 })).toEqual(['removed_for_size']);
  expect(kinds(filling, { disk_low: at - 25 * 3_600_000 })).toEqual([
    'disk_low',
    'removed_for_size',
  ]);
});

test('a queue that fills and a fault inside are said', () => {
  expect(kinds({ queue: { reports: 80, reports_max: 100, bytes: 0, bytes_max: 1 } })).toEqual([
    'queue_filling',
  ]);
  const error = { at: ago(10), kind: 'request', request_id: 'abc' };
  expect(noticesOf(system({ last_error: error }), size, {})[0]?.values).toEqual({ id: 'abc' });
});
