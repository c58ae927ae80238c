// @vitest-environment happy-dom
import { expect, test } from 'vitest';
import PeoplePage from '../pages/PeoplePage.svelte';
import { button, found, press, served, staged } from './stage';

const ANNA = { name: 'anna', role: 'administrator', projects: null, disabled_at: null };

async function offeredRole(people: unknown[]): Promise<string | undefined> {
  served({ '/api/v1/people': { items: people }, '/api/v1/invitations': { items: [] } });
  await staged(PeoplePage, {});
  await press(await found(() => button('Invite somebody')));
  await found(() => button('Make a link'));
  return document.querySelector('select')?.value;
}

test('who invites before the list of people is there offers a place of a member', async () => {
  expect(await offeredRole([{ ...ANNA, created_at: '2026-01-02T12:00:00Z' }])).toBe('member');
});

test('the first one has to be an administrator', async () => {
  expect(await offeredRole([])).toBe('administrator');
});
