// @vitest-environment happy-dom
import { tick } from 'svelte';
import { expect, test } from 'vitest';
import { daySpan } from '../lib/range';
import { navigate, route } from '../lib/route.svelte';
import { search, SEARCH_ID } from '../lib/search.svelte';
import RangeMenu from './RangeMenu.svelte';
import SearchBox from './SearchBox.svelte';
import { found, served, staged } from './stage';

function box(): HTMLInputElement {
  return document.getElementById(SEARCH_ID) as HTMLInputElement;
}

function options(): string[] {
  return [...document.querySelectorAll('[role=option] .label')].map((one) => one.textContent);
}

async function typed(text: string): Promise<void> {
  box().value = text;
  box().setSelectionRange(text.length, text.length);
  box().dispatchEvent(new Event('input', { bubbles: true }));
  await tick();
}

function key(name: string): void {
  box().dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true, cancelable: true }));
}

test('the search box offers keys, then values, and takes one by the keyboard', async () => {
  served({ '/api/v1/projects': { items: [], next_cursor: null } });
  await staged(SearchBox, {});
  await typed('lev');
  await found(() => options().includes('level:') || null);
  expect(box().getAttribute('aria-expanded')).toBe('true');
  key('ArrowDown');
  await tick();
  expect(box().getAttribute('aria-activedescendant')).toBe(`${SEARCH_ID}-list-0`);
  key('Enter');
  await found(() => options().includes('CRITICAL') || null);
  expect(box().value).toBe('level:');
  key('Escape');
  await tick();
  expect(options()).toEqual([]);
  expect(box().value).toBe('level:');
});

test('a search is in the address', async () => {
  served({});
  navigate('/issues?project_id=shop');
  await staged(SearchBox, {});
  await typed('level:ERROR timeout');
  box().form?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
  await found(() => (route.query.get('q') === 'level:ERROR timeout' ? true : null));
  expect(route.query.get('project_id')).toBe('shop');
});

test('a fault stands where it is, and goes when the search is changed', async () => {
  served({});
  navigate('/issues?q=level:HUGE%20x');
  await staged(SearchBox, {});
  search.fault = { before: 'level:', at: 'HUGE', after: ' x', message: 'no level' };
  await found(() => document.querySelector('.behind .fault'));
  expect(document.querySelector('.behind .fault')?.textContent).toBe('HUGE');
  expect(box().getAttribute('aria-invalid')).toBe('true');
  await found(() => document.getElementById(`${SEARCH_ID}-fault`));
  expect(document.body.textContent).toContain('no level');
  await typed('level:ERROR x');
  expect(box().getAttribute('aria-invalid')).toBeNull();
  search.fault = null;
});

test('a whole day that was chosen has its name, another time its ends', async () => {
  const labelled = async (extras: { since: string; until: string }) => {
    document.body.replaceChildren();
    await staged(RangeMenu, { filters: { range: '' as const, extras }, onchange: () => undefined });
    return document.querySelector('.label')?.textContent;
  };
  const yesterday = daySpan(1, Date.now());
  expect(await labelled(yesterday)).toBe('Yesterday');
  expect(await labelled(daySpan(0, Date.now()))).toBe('Today');
  expect(await labelled({ ...yesterday, until: daySpan(0, Date.now()).until })).toMatch(/ – /);
});
