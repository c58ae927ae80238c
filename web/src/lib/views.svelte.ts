/** Filters with names: some that everybody needs, and those that this browser keeps. */
import { readFilters, writeFilters } from './filters';
import { readStored, writeStored } from './prefs.svelte';

export interface View {
  name: string;
  /** The address's query. */
  query: string;
}

/** Their names are words of the dictionary. */
export const GIVEN = [
  { name: 'regressed', query: 'q=is%3Aregressed' },
  { name: 'rising', query: 'q=is%3Arising' },
  { name: 'fresh', query: 'q=first%3A%3C24h' },
  { name: 'mine', query: 'q=is%3Amine' },
  { name: 'failed', query: 'status=FIX_FAILED' },
  { name: 'waiting', query: 'status=FIXED%2CVERIFIED' },
] as const;

const VIEWS_MAX = 50;
const NAME_CHARS_MAX = 64;
const KEY = 'views';

/** What was stored, as far as it can be read: anybody may have written there. */
export function readViews(stored: string | null): View[] {
  try {
    const value: unknown = JSON.parse(stored ?? '[]');
    if (!Array.isArray(value)) return [];
    return value
      .filter((one): one is View => typeof one?.name === 'string' && typeof one.query === 'string')
      .slice(0, VIEWS_MAX)
      .map(({ name, query }) => ({ name, query: normal(query) }));
  } catch {
    return [];
  }
}

/** The same filter is the same text, in whatever order its parts came. */
export function normal(query: string): string {
  return writeFilters(readFilters(new URLSearchParams(query)));
}

let own = $state.raw<View[]>(readViews(readStored(KEY)));

addEventListener('storage', (event) => {
  if (event.key?.endsWith(`.${KEY}`)) own = readViews(event.newValue);
});

export function ownViews(): readonly View[] {
  return own;
}

function keep(views: View[]): void {
  own = views;
  writeStored(KEY, views.length > 0 ? JSON.stringify(views) : '');
}

/** A view of the same name is replaced. */
export function saveView(name: string, query: string): void {
  const wanted = name.trim().slice(0, NAME_CHARS_MAX);
  if (wanted === '') return;
  const others = own.filter((view) => view.name !== wanted);
  keep([...others, { name: wanted, query: normal(query) }].slice(-VIEWS_MAX));
}

export function removeView(name: string): void {
  keep(own.filter((view) => view.name !== name));
}
