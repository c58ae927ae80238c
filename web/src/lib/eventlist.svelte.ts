/** The events of a search over all projects, by pages. */
import { api } from './api';
import { isRange, rangeSince } from './range';
import type { EventSummary } from './types';

export const EVENT_FILTERS = [
  'request_id',
  'trace_id',
  'user_id',
  'project_id',
  'environment',
  'q',
  'since',
  'until',
] as const;

const PAGE_EVENTS = 100;

export class EventList {
  items = $state<EventSummary[]>([]);
  nextCursor = $state<string | null>(null);
  loading = $state(false);
  loaded = $state(false);
  error = $state<unknown>(null);
  /** Not everything could be searched in the time given; how far it went. */
  searchedTo = $state<string | null>(null);
  private asked: AbortController | null = null;
  /** A cursor goes with the times that the first page was asked for. */
  private askedAt = 0;

  private query(search: URLSearchParams, cursor: string | null): URLSearchParams {
    const params = new URLSearchParams();
    for (const name of EVENT_FILTERS) {
      const value = search.get(name);
      if (value) params.set(name, value);
    }
    const range = search.get('range') ?? '';
    if (isRange(range)) params.set('since', rangeSince(range, this.askedAt));
    params.set('limit', String(PAGE_EVENTS));
    if (cursor) params.set('cursor', cursor);
    return params;
  }

  async load(search: URLSearchParams, more = false): Promise<void> {
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    this.loading = true;
    const cursor = more ? this.nextCursor : null;
    if (!more) {
      // They belong to what was asked before, even if this fails.
      this.nextCursor = null;
      this.searchedTo = null;
      this.askedAt = Date.now();
    }
    try {
      const page = await api.events(this.query(search, cursor), asked.signal);
      const known = new Set(more ? this.items.map((one) => one.event_id) : []);
      const fresh = page.items.filter((one) => !known.has(one.event_id));
      this.items = more ? [...this.items, ...fresh] : fresh;
      this.nextCursor = page.next_cursor;
      this.searchedTo = page.complete === false ? (page.searched_to ?? '') : null;
      this.error = null;
      this.loaded = true;
    } catch (error) {
      if (asked.signal.aborted) return;
      this.error = error;
    }
    this.loading = false;
  }

  /** Newer events on top, without a change to what is read. */
  async refresh(search: URLSearchParams): Promise<void> {
    if (this.loading || !this.loaded) return;
    const page = await api.events(this.query(search, null));
    const known = new Set(this.items.map((one) => one.event_id));
    const fresh = page.items.filter((one) => !known.has(one.event_id));
    if (fresh.length > 0) this.items = [...fresh, ...this.items];
  }
}
