import { expect, test } from 'vitest';
import { deployMarks, lastBefore, liveOf } from './deploys';
import type { Deploy, Project } from './types';

const deploy = (version: string, at: string): Deploy => ({
  id: 1,
  project_id: 'shop',
  version,
  environment: null,
  commit_hash: null,
  at,
  who: 'ann',
  moved: 0,
});
const all = [
  deploy('1.2', '2026-01-02T10:00:00.000Z'),
  deploy('1.1', '2026-01-02T08:00:00.000Z'),
];

test('each deploy is a line at its time, and of many the newest are', () => {
  expect(deployMarks(all)).toEqual([
    { at: Date.parse('2026-01-02T10:00:00Z'), label: '1.2', isName: true },
    { at: Date.parse('2026-01-02T08:00:00Z'), label: '1.1', isName: true },
  ]);
  expect(deployMarks(Array.from({ length: 99 }, () => deploy('1', '2026-01-01')))).toHaveLength(40);
});

test('what ran at a moment is the last deploy before it', () => {
  const at = (time: string) => lastBefore(all, Date.parse(time))?.version;
  expect(at('2026-01-02T07:59:00Z')).toBeUndefined();
  expect(at('2026-01-02T09:00:00Z')).toBe('1.1');
  expect(at('2026-01-02T11:00:00Z')).toBe('1.2');
  expect(lastBefore(all.toReversed(), Date.parse('2026-01-03'))?.version).toBe('1.2');
});

test('lines are of what went live, and of all where nothing did', () => {
  const shop = { project_id: 'shop', settings: { live_environments: ['eu'] } } as Project;
  const [first, second] = all as [Deploy, Deploy];
  const eu = { ...first, environment: 'eu' };
  const staging = { ...second, environment: 'staging' };
  expect(liveOf([eu, staging], [shop])).toEqual([eu]);
  expect(liveOf([staging], [shop])).toEqual([staging]);
  expect(liveOf([second, staging], [shop])).toEqual([second]);
  expect(liveOf([staging], [])).toEqual([staging]);
});
