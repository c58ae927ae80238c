// @vitest-environment happy-dom
import { tick } from 'svelte';
import { expect, test } from 'vitest';
import HoursChart from './HoursChart.svelte';
import ProjectChart from './ProjectChart.svelte';
import SlowCard from './SlowCard.svelte';
import { found, served, staged } from './stage';

const HOUR_MS = 3_600_000;
const NOON = Date.parse('2026-01-02T12:00:00Z');
const hours = Array.from({ length: 8 }, (_, at) => new Date(NOON + at * HOUR_MS).toISOString());

const deploy = (id: number, version: string, hour: number) => ({
  id,
  project_id: 'shop',
  version,
  environment: 'production',
  commit_hash: null,
  at: new Date(NOON + hour * HOUR_MS).toISOString(),
  who: 'ann',
  moved: 0,
});

function text(selector: string): string[] {
  return [...document.querySelectorAll(selector)].map((one) =>
    (one.textContent ?? '').replace(/\s+/g, ' ').trim(),
  );
}

const charted = (...deploys: ReturnType<typeof deploy>[]) => ({
  times: hours,
  counts: hours.map(() => 1),
  deploys,
  live: deploys,
});

test('a chart of an issue marks deploys at their time, and its figures list them', async () => {
  await staged(HoursChart, charted(deploy(2, '1.2', 6), deploy(1, '1.1', 2)));
  const places = [...document.querySelectorAll<HTMLElement>('.mark-line')];
  expect(places.map((one) => one.style.left)).toEqual(['25%', '75%']);
  expect(text('details caption')).toEqual(['Deploys']);
  // Before a hundred rows of counts, not behind them.
  expect(document.querySelector('details table caption')).toBe(
    document.querySelector('details table')?.firstElementChild,
  );
  expect(text('details th[scope=row]')).toEqual(['1.2', '1.1']);
});

test('who points at a line or steps to it reads what it is, and when it was', async () => {
  await staged(HoursChart, charted(deploy(2, '1.2', 6), deploy(1, '1.1', 2)));
  const chart = document.querySelector('.chart') as HTMLElement;
  chart.getBoundingClientRect = () => ({ left: 0, width: 100 }) as DOMRect;
  const pointed = async (clientX: number) => {
    chart.dispatchEvent(new MouseEvent('pointermove', { clientX }));
    await tick();
    return text('.over');
  };
  expect((await pointed(27))[0]).toMatch(/^1\.1 · .+/);
  expect((await pointed(73))[0]).toMatch(/^1\.2 · .+/);
  expect(await pointed(50)).toEqual([]);
  const steps = document.querySelector('[role=slider]') as HTMLElement;
  steps.dispatchEvent(new FocusEvent('focus'));
  steps.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowLeft', bubbles: true }));
  await tick();
  expect(text('.over')[0]).toMatch(/^1\.1 · .+/);
  expect(steps.getAttribute('aria-valuetext')).toBe(text('.over')[0]);
});

test('who points at a bar reads what ran then', async () => {
  await staged(HoursChart, charted(deploy(2, '1.2', 6), deploy(1, '1.1', 2)));
  const svg = document.querySelector('svg') as unknown as HTMLElement;
  svg.getBoundingClientRect = () => ({ left: 0, width: 100 }) as DOMRect;
  const said = async (clientX: number) => {
    svg.dispatchEvent(new MouseEvent('pointermove', { clientX, bubbles: true }));
    await tick();
    return text('header .soft')[0];
  };
  expect(await said(10)).toMatch(/ · 1\.1 since /);
  expect(await said(90)).toMatch(/ · 1\.2 since /);
});

test('a project of which nobody tells deploys has lines at first reports', async () => {
  const series = [
    { key: '1.0', counts: hours.map(() => 9) },
    { key: '1.1', counts: hours.map((_, at) => (at > 3 ? 9 : 0)) },
  ];
  const stats = { interval: 'hour', times: hours, series };
  served({ '/api/v1/stats': stats, '/api/v1/deploys': { items: [], next_cursor: null } });
  await staged(ProjectChart, { projectId: 'shop' });
  await found(() => document.querySelector('.mark-line'));
  expect(text('.axis span')[1]).toBe('Lines: first report of a version');
  expect(text('caption')).toEqual([]);
});

test('slow reads are listed with how long they took, and none in one sentence', async () => {
  const read = {
    path: '/api/v1/issues',
    asked: 'q=user:… & sort=users',
    at: hours[0] as string,
    took_ms: 1_240,
    status: 200,
    bytes: 2_048,
  };
  const ended = { ...read, asked: '', status: 503 };
  await staged(SlowCard, { slow: { from_ms: 200, items: [read, ended] } });
  const [first, second] = text('li');
  expect(first).toMatch(/^\/api\/v1\/issues q=user:… & sort=users .* · 2 KiB 1\.2 sec$/);
  expect(second).toMatch(/ended, answer 503 1\.2 sec$/);
  document.body.replaceChildren();
  await staged(SlowCard, { slow: { from_ms: 200, items: [] } });
  expect(text('section p')).toEqual(['No read took 200 ms or longer in the last 24 hours.']);
});
