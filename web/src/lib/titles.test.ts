import { afterEach, expect, test, vi } from 'vitest';
import { api } from './api';
import { loadTitles, titleOf } from './titles.svelte';
import type { IssueDetail, IssuePage } from './types';

afterEach(() => vi.restoreAllMocks());

const issue = (id: number) => ({ id, type: 'Fell', message: `no. ${id}` }) as IssueDetail;

test('an issue that is not among the newest is asked for by its number, once', async () => {
  const newest = [7, 8, 9].map(issue);
  const page = { items: newest, next_cursor: null } as unknown as IssuePage;
  const pages = vi.spyOn(api, 'issues').mockResolvedValue(page);
  const one = vi.spyOn(api, 'issue').mockImplementation((id) =>
    id === 2 ? Promise.reject(new Error('gone')) : Promise.resolve(issue(id)),
  );
  await loadTitles([1, 2, null, 7, 8, 9, 1]);
  expect(pages).toHaveBeenCalledTimes(1);
  expect(one.mock.calls.map(([id]) => id)).toEqual([1, 2]);
  expect([1, 2, 9].map(titleOf)).toEqual(['Fell: no. 1', undefined, 'Fell: no. 9']);
  await loadTitles([1, 2, 7]);
  expect([pages.mock.calls.length, one.mock.calls.length]).toEqual([1, 2]);
});
