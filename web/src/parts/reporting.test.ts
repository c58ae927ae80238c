// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { loadProjects } from '../lib/projects.svelte';
import { navigate } from '../lib/route.svelte';
import { loadWho } from '../lib/who.svelte';
import ReportPage from '../pages/ReportPage.svelte';
import FirstRun from './FirstRun.svelte';
import { button, found, press, served, staged } from './stage';

const CLOSED = { mode: 'closed', role: 'administrator' };
const PROJECTS = { items: [], next_cursor: null };

test('where a login is asked for, the first command has a place for a key', async () => {
  served({ '/api/v1/session': CLOSED, '/api/v1/projects': PROJECTS });
  await loadWho();
  await staged(FirstRun, {});
  expect(document.querySelector('pre')?.textContent).toContain("'X-Log-Center-Key: YOUR_KEY'");
  expect(document.body.textContent).toContain('a key in place of YOUR_KEY');
  expect(document.querySelector('a[href="/keys"]')).not.toBeNull();
  document.body.replaceChildren();
  served({ '/api/v1/session': { mode: 'open' }, '/api/v1/projects': PROJECTS });
  await loadWho();
  await staged(FirstRun, {});
  expect(document.body.textContent).not.toContain('YOUR_KEY');
});

const code = () => document.querySelector('pre')?.textContent ?? '';

test('the page on how to report has the tag for web pages, and a place for its key', async () => {
  const tag = async () => {
    await press((await found(() => button('Web page'))) as HTMLElement);
    return found(() => (code().includes('<script') ? code() : null));
  };
  await staged(ReportPage, {});
  const open = await tag();
  expect(open).toContain(`src="${location.origin}/client/log-center.js"`);
  expect(open).not.toContain('data-key');
  document.body.replaceChildren();
  served({ '/api/v1/session': CLOSED });
  await loadWho();
  await staged(ReportPage, {});
  expect(await tag()).toContain('data-key="YOUR_KEY" data-project="my_project"');
});

const listed = (...names: string[]) => ({
  items: names.map((project_id) => ({ project_id, last_report_at: '2026-01-02T12:00:00Z' })),
  next_cursor: null,
});

async function opened(address: string, ...names: string[]): Promise<HTMLInputElement> {
  served({
    '/api/v1/session': { mode: 'open' },
    '/api/v1/projects': listed(...names),
    '/api/v1/events': { items: [], next_cursor: null },
    '/api/v1/logs/report': { id: 5 },
  });
  await loadWho();
  await loadProjects();
  navigate(address);
  await staged(ReportPage, {});
  return document.querySelector('input') as HTMLInputElement;
}

test('a project is added under a name of its own, not that of one there is', async () => {
  const field = await opened('/report?project_id=', 'shop');
  expect(field.value).toBe('');
  expect(document.activeElement).toBe(field);
  expect(field.placeholder).toContain('1 to 64 characters');
  expect(code()).toContain('"project_id": "my_project"');
  expect(button('Send a test report')?.disabled).toBe(true);
  expect(document.body.textContent).toContain('A project begins with its first report.');
  field.value = 'landing';
  field.dispatchEvent(new Event('input', { bubbles: true }));
  await found(() => (code().includes('"project_id": "landing"') ? true : null));
  expect(document.body.textContent).toContain('Waiting for a report of landing');
  await press(button('Send a test report') as HTMLElement);
  await found(() => document.querySelector('a[href="/issues/5"]'));
});

test('only a single project is suggested, and a busy one is not waited for', async () => {
  expect((await opened('/report', 'blog', 'shop')).value).toBe('');
  document.body.replaceChildren();
  expect((await opened('/report', 'shop')).value).toBe('shop');
  expect(button('Send a test report')?.disabled).toBe(false);
  expect(document.body.textContent).not.toContain('Waiting');
});
