// @vitest-environment happy-dom
import { tick } from 'svelte';
import { expect, test } from 'vitest';
import { daySpan } from '../lib/range';
import { rangeWords } from '../lib/rangewords';
import { navigate, route } from '../lib/route.svelte';
import { search, SEARCH_ID } from '../lib/search.svelte';
import EventsPage from '../pages/EventsPage.svelte';
import RangeMenu from './RangeMenu.svelte';
import SearchBox from './SearchBox.svelte';
import { button, found, press, served, staged } from './stage';

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

const NONE = { items: [], next_cursor: null };
const value = () => document.querySelector<HTMLInputElement>('form input') as HTMLInputElement;
const kind = () => document.querySelector('form select') as HTMLSelectElement;

async function find(text: string): Promise<void> {
  value().value = text;
  value().dispatchEvent(new Event('input', { bubbles: true }));
  await tick();
  value().form?.dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
}

test('a value that finds no event stays, and is tried as another kind in its place', async () => {
  served({ '/api/v1/events': NONE });
  navigate('/events?project_id=shop');
  await staged(EventsPage, {});
  await found(() => (document.body.textContent.includes('No events match') ? true : null));
  await find('u_1');
  await found(() => document.querySelector('a[href="/events?project_id=shop&user_id=u_1"]'));
  expect(route.query.get('request_id')).toBe('u_1');
  expect(value().value).toBe('u_1');
  expect(document.querySelector('h1')?.textContent.trim()).toBe('Events');
  expect(document.body.textContent).toContain('No event has this id as “Request”');
  expect(document.body.textContent).not.toContain('0 projects');
  kind().value = 'user_id';
  kind().dispatchEvent(new Event('change', { bubbles: true }));
  await found(() => (route.query.get('user_id') === 'u_1' ? true : null));
  expect(route.query.has('request_id')).toBe(false);
});

test('a search that ended before it found one can be gone on with', async () => {
  const searched = { complete: false, searched_to: '2026-01-02T12:00:00Z' };
  const asked = served({ '/api/v1/events': { items: [], next_cursor: 'c1', ...searched } });
  navigate('/events?q=timeout');
  await staged(EventsPage, {});
  const more = await found(() => button('Load more'));
  expect(document.body.textContent).not.toContain('No events match');
  await press(more);
  await found(() => asked.find((one) => one.path.includes('cursor=c1')));
});

test('a key of events that there is not is named', async () => {
  served({ '/api/v1/events': NONE });
  navigate('/events?q=message:*e*');
  await staged(EventsPage, {});
  await found(() => (/no such key: “message:”/.test(document.body.textContent) || null));
});

test('a user in the list of events leads to their events', async () => {
  const error = { type: 'E', message: 'm', file_path: 'a.py', line_number: 1 };
  const event = { event_id: 'e1', issue_id: 1, project_id: 'shop', level: 'ERROR', error };
  const item = { ...event, user_id: 'u_1', timestamp: '2026-01-02T12:00:00Z', environment: 'x' };
  served({ '/api/v1/events': { items: [item], next_cursor: null } });
  navigate('/events');
  await staged(EventsPage, {});
  const link = await found(() => document.querySelector('a[href="/events?user_id=u_1"]'));
  expect(link.textContent.trim()).toBe('@u_1');
});

test('one hour is said without its number', async () => {
  await staged(SearchBox, {});
  expect([rangeWords('1h'), rangeWords('24h')]).toEqual(['Last hour', 'Last 24 hours']);
});
