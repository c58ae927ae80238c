// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { readFilters } from '../lib/filters';
import type { Issue } from '../lib/types';
import IssueRow from './IssueRow.svelte';
import ListChart from './ListChart.svelte';
import { found, served, staged } from './stage';

const ISSUE = {
  id: 7,
  project_id: 'shop',
  status: 'NEW',
  level: 'ERROR',
  type: 'KeyError',
  message: 'name',
  file_path: 'app.py',
  line_number: 3,
  count: 1,
  users: 203,
  first_seen: '2026-01-02T12:00:00Z',
  last_seen: '2026-01-02T12:00:00Z',
  trend: [],
  environments: ['production'],
} as unknown as Issue;

async function numbersOf(isPart: boolean): Promise<string[]> {
  const shared = { selected: false, current: false, showProject: true, place: null };
  const drawn: [number, number] = [0, 24];
  await staged(IssueRow, { issue: ISSUE, isPart, drawn, ...shared, onselect: () => undefined });
  return [...document.querySelectorAll('.number .full')].map((one) => one.textContent);
}

test('a row of all reports says how many users there were', async () => {
  expect(await numbersOf(false)).toEqual(['1 report', '203 users']);
});

test('a row of some reports does not tell the users of all of them', async () => {
  expect(await numbersOf(true)).toEqual(['1 report', 'Users: –']);
  expect(document.body.textContent).not.toContain('203');
  const why = document.querySelectorAll<HTMLElement>('.number')[1]?.title;
  expect(why).toContain('counted over all reports');
});

test.each([
  ['', '5 reports in the last 14 days'],
  ['range=24h', '5 reports'],
])('the chart of %j says of what time it is', async (query, said) => {
  const times = ['2026-01-02T12:00:00Z', '2026-01-02T13:00:00Z'];
  const stats = { interval: 'hour', times, series: [{ key: 'ERROR', counts: [2, 3] }] };
  served({ '/api/v1/stats': stats });
  const filters = readFilters(new URLSearchParams(query));
  await staged(ListChart, { filters, onspan: () => undefined });
  await found(() => /[1-9]/.exec(document.querySelector('strong')?.textContent ?? ''));
  expect(document.querySelector('strong')?.textContent).toBe(said);
  expect(document.querySelector('.end')?.textContent).toBe('Not in the chart: status');
});
