import { expect, test } from 'vitest';
import { actionWord, auditQuery, offeredActions } from './audit';

const NOW = new Date('2026-11-14T12:00:00Z');
const query = (text: string) => auditQuery(new URLSearchParams(text), NOW);

test('the address says what is asked for', () => {
  expect(query('')).toEqual({ who: null, action: null, since: null });
  expect(query('who=ann&action=key&since=24h')).toEqual({
    who: 'ann',
    action: 'key',
    since: '2026-11-13T12:00:00.000Z',
  });
  expect(query('since=toString').since).toBe(null);
});

test('an action without a word of ours is known by its own', () => {
  expect(actionWord('key.create')).toBe('audit.keyCreate');
  expect(actionWord('made.up')).toBe(null);
});

test('kinds are offered, and whatever the address names', () => {
  const names = (present: string) => offeredActions(present).map(([action]) => action);
  expect(names('')).toContain('session');
  expect(names('')).not.toContain('session.begin');
  expect(names('key')).toEqual(names(''));
  expect(offeredActions('session.begin').at(-1)).toEqual(['session.begin', 'audit.sessionBegin']);
  expect(offeredActions('made.up').at(-1)).toEqual(['made.up', null]);
});
