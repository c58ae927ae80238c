import { expect, test } from 'vitest';
import { concernsList, readTold, type Told } from './happening';

const told = {
  event: 'issue.seen',
  issue_id: 7,
  project_id: 'shop',
  environment: 'production',
} as Told;

test('a message that cannot be read is none', () => {
  expect(readTold('issue.seen', '{"issue_id":7,"count":2}')?.count).toBe(2);
  for (const data of ['', '{', 'null', '7', '{"issue_id":"7"}']) {
    expect(readTold('issue.new', data)).toBeNull();
  }
});

test.each([
  ['', '', true],
  ['shop', '', true],
  ['api,shop', 'production', true],
  ['api', '', false],
  ['shop', 'staging', false],
  ['shop', 'staging,production', true],
])('a list of project "%s" and environment "%s"', (project, environment, concerned) => {
  expect(concernsList(told, { project, environment })).toBe(concerned);
});

test('an issue on the screen always concerns', () => {
  const view = { project: 'api', environment: 'staging' };
  expect(concernsList(told, { ...view, shown: new Set([7]) })).toBe(true);
  expect(concernsList(told, { ...view, shown: new Set([8]) })).toBe(false);
});

test('a move has no environment and concerns every one', () => {
  const moved: Told = { ...told, event: 'issue.moved', environment: null };
  expect(concernsList(moved, { project: 'shop', environment: 'staging' })).toBe(true);
});
