// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import { loadWho } from '../lib/who.svelte';
import ReportPage from '../pages/ReportPage.svelte';
import FirstRun from './FirstRun.svelte';
import { served, staged } from './stage';

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

test('the page on how to report has the tag for web pages, and a place for its key', async () => {
  const tag = () => [...document.querySelectorAll('pre')].at(-1)?.textContent ?? '';
  await staged(ReportPage, {});
  expect(tag()).toContain(`src="${location.origin}/client/log-center.js"`);
  expect(tag()).not.toContain('data-key');
  document.body.replaceChildren();
  served({ '/api/v1/session': CLOSED });
  await loadWho();
  await staged(ReportPage, {});
  expect(tag()).toContain('data-key="YOUR_KEY" data-project="my_project"');
});
