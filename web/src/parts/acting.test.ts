// @vitest-environment happy-dom
import { tick } from 'svelte';
import { expect, test } from 'vitest';
import { queueMove, shownStatus, waitingMoves } from '../lib/moves.svelte';
import { prefs } from '../lib/prefs.svelte';
import type { Issue, IssueDetail, Status } from '../lib/types';
import { chooseLanguage, currentLanguage } from '../lib/words.svelte';
import AssignDialog from './AssignDialog.svelte';
import MoveButtons from './MoveButtons.svelte';
import Preferences from './Preferences.svelte';
import SelectionBar from './SelectionBar.svelte';
import Stepper from './Stepper.svelte';
import Toasts from './Toasts.svelte';
import { button, found, press, served, staged } from './stage';

function issue(id: number, status: Status, allowed: Status[] = []): IssueDetail {
  return { id, status, allowed_moves: allowed, history: [] } as unknown as IssueDetail;
}

function current(): string[] {
  const steps = [...document.querySelectorAll('[aria-current=step]')];
  return steps.map((step) => step.textContent.trim());
}

const SINCE = new Date().toISOString();

test('the stepper says where the issue is and by whom', async () => {
  await staged(Stepper, { status: 'FIXING' as Status, since: SINCE, who: 'ann' });
  expect(current()).toEqual(['Fixing']);
  const steps = [...document.querySelectorAll('ol > li')];
  expect(steps).toHaveLength(7);
  expect(steps.map((step) => step.classList.contains('passed'))).toEqual([
    ...[true, true, true],
    ...[false, false, false, false],
  ]);
  expect(document.body.textContent).toContain('ann');
  expect(document.querySelector('.small-step')?.textContent).toContain('step 4 of 7');
});

test('a state aside stands under the step that it belongs to', async () => {
  await staged(Stepper, { status: 'FIX_FAILED' as Status, since: SINCE, who: null });
  expect(current()).toEqual(['Fix failed']);
  const step = document.querySelector('.aside.current')?.closest('li');
  expect(step?.querySelector('.name')?.textContent).toBe('Fixed, unverified');
});

test('only the moves that are allowed are offered, and one waits to be undone', async () => {
  const asked = served({});
  await staged(MoveButtons, { issue: issue(7, 'VERIFYING', ['PENDING_FIX', 'CANNOT_REPRODUCE']) });
  expect(button('Start fixing')).toBeUndefined();
  expect(button('Cannot reproduce')).toBeDefined();
  await press(button('Needs a fix') as HTMLElement);
  expect(button('Needs a fix')).toBeUndefined();
  expect(waitingMoves()).toHaveLength(1);
  await staged(Toasts, {});
  await press(button('Undo') as HTMLElement);
  expect(waitingMoves()).toHaveLength(0);
  expect(button('Needs a fix')).toBeDefined();
  expect(asked).toEqual([]);
});

test('many are moved at once, shown as moved, taken back or sent with what was seen', async () => {
  const all = [1, 2, 3].map((id) => issue(id, 'NEW') as Issue);
  const asked = served({
    '/api/v1/issues/bulk': { results: all.map((one) => ({ id: one.id, issue: one })) },
  });
  let cleared = 0;
  const nothing = () => undefined;
  await staged(SelectionBar, {
    n: 3,
    onmove: () => queueMove(all, { to: 'VERIFYING' }),
    onassign: nothing,
    onmute: nothing,
    onclear: () => (cleared += 1),
  });
  expect(document.querySelector('[role=toolbar] strong')?.textContent).toBe('3 selected');
  await staged(Toasts, {});
  await press(button(/^Move/) as HTMLElement);
  expect(all.map(shownStatus)).toEqual(['VERIFYING', 'VERIFYING', 'VERIFYING']);
  await press(button('Undo') as HTMLElement);
  expect(all.map(shownStatus)).toEqual(['NEW', 'NEW', 'NEW']);
  expect(asked).toEqual([]);
  await press(button(/^Move/) as HTMLElement);
  await press(button('Send now') as HTMLElement);
  await found(() => (waitingMoves().length === 0 ? true : null));
  const body = { ids: [1, 2, 3], status: 'VERIFYING', from: 'NEW' };
  expect(asked).toEqual([{ method: 'POST', path: '/api/v1/issues/bulk', body }]);
  await press(button('Clear') as HTMLElement);
  expect(cleared).toBe(1);
});

test('the language is switched in place, with the words of what is open', async () => {
  await staged(Preferences, {});
  await staged(Stepper, { status: 'NEW' as Status, since: SINCE, who: null });
  const select = document.querySelector('option[lang=ru]')?.parentElement as HTMLSelectElement;
  for (const [language, word] of [
    ['ru', 'Новая'],
    ['zh-CN', '新上报'],
    ['en', 'New'],
  ] as const) {
    select.value = language;
    select.dispatchEvent(new Event('change', { bubbles: true }));
    await found(() => (currentLanguage() === language ? true : null));
    await tick();
    expect(current()).toEqual([word]);
    expect(document.documentElement.lang).toBe(language);
    expect(document.querySelector('ol')?.getAttribute('aria-label')).not.toMatch(/^step\./);
  }
  await chooseLanguage('en');
});

test('an issue is given by one click to who looks after others, oneself first', async () => {
  prefs.user = 'me';
  const asked = served({
    '/api/v1/issues': { items: [{ assignee: 'Ann' }, { assignee: 'me' }], next_cursor: null },
    '/api/v1/issues/7': issue(7, 'NEW'),
  });
  let closed = false;
  const onclose = () => (closed = true);
  await staged(AssignDialog, { issues: [issue(7, 'NEW')], onclose });
  const given = (await found(() => button('Ann'))) as HTMLElement;
  const names = [...document.querySelectorAll('[role=group] button')];
  expect(names.map((one) => one.textContent.trim())).toEqual(['To me', 'Ann']);
  await press(given);
  const change = await found(() => asked.find(({ method }) => method === 'PATCH'));
  expect(change).toMatchObject({ path: '/api/v1/issues/7', body: { assignee: 'Ann' } });
  expect(closed).toBe(true);
  prefs.user = '';
});
