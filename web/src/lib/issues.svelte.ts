/** The rows of the issues list: loaded by pages, refreshed in place, kept for the way back. */
import { api } from './api';
import { issuesQuery, PAGE_ISSUES, type Filters } from './filters';
import type { Issue } from './types';

interface Kept {
  items: Issue[];
  nextCursor: string | null;
  total: number;
  totalIsExact: boolean;
}

/** Lists that Back returns to; more than a few would only hold stale rows. */
const KEPT_MAX = 8;
/** The server's own limit of a page. */
const LIMIT_MAX = 200;

const kept = new Map<string, Kept>();

export class IssueList {
  items = $state.raw<Issue[]>([]);
  total = $state(0);
  totalIsExact = $state(true);
  nextCursor = $state<string | null>(null);
  loading = $state(false);
  loaded = $state(false);
  error = $state<unknown>(null);
  /** Issues that match and are not among the rows: said, not pushed in. */
  fresh = $state(0);

  private key = '';
  /** A cursor goes with the times that the first page was asked for. */
  private askedAt = 0;
  private known = new Set<number>();
  private asked: AbortController | null = null;

  /** Shows the list of a filter: at once from memory when it was left a moment ago. */
  async open(filters: Filters, fromMemory: boolean): Promise<void> {
    this.key = issuesQuery(filters, null).toString();
    this.fresh = 0;
    const old = fromMemory ? kept.get(this.key) : undefined;
    if (old) {
      this.take(old);
      this.loaded = true;
      await this.refresh(filters);
    } else await this.load(filters);
  }

  async load(filters: Filters): Promise<void> {
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    this.loading = true;
    this.askedAt = Date.now();
    try {
      const query = issuesQuery(filters, null, PAGE_ISSUES, this.askedAt);
      const page = await api.issues(query, asked.signal);
      this.take({
        items: page.items,
        nextCursor: page.next_cursor,
        total: page.total,
        totalIsExact: page.total_is_exact,
      });
      this.fresh = 0;
      this.error = null;
      this.loaded = true;
      this.keep();
    } catch (error) {
      if (asked.signal.aborted) return;
      this.error = error;
    }
    this.loading = false;
  }

  async more(filters: Filters): Promise<void> {
    if (!this.nextCursor || this.loading) return;
    const asked = (this.asked = new AbortController());
    this.loading = true;
    try {
      // Who reads on reads much: fewer and bigger pages.
      const query = issuesQuery(filters, this.nextCursor, LIMIT_MAX, this.askedAt);
      const page = await api.issues(query, asked.signal);
      // A row that was touched meanwhile may come a second time.
      const more = page.items.filter((issue) => !this.known.has(issue.id));
      for (const issue of more) this.known.add(issue.id);
      this.items = this.items.concat(more);
      this.nextCursor = page.next_cursor;
      this.error = null;
      this.keep();
    } catch (error) {
      if (asked.signal.aborted) return;
      this.error = error;
    }
    this.loading = false;
  }

  /** Fresh counts without moving a row. */
  async refresh(filters: Filters): Promise<void> {
    if (this.loading || !this.loaded) return;
    const key = this.key;
    const limit = Math.min(LIMIT_MAX, Math.max(PAGE_ISSUES, this.items.length));
    const page = await api.issues(issuesQuery(filters, null, limit));
    if (key !== this.key || this.loading) return;
    this.merge(page.items);
    this.fresh = page.items.filter((issue) => !this.known.has(issue.id)).length;
    this.total = page.total;
    this.totalIsExact = page.total_is_exact;
    if (this.items.length === 0 && page.items.length > 0) await this.load(filters);
  }

  merge(changed: readonly Issue[]): void {
    const byId = new Map(changed.map((issue) => [issue.id, issue]));
    if (!changed.some((issue) => this.known.has(issue.id))) return;
    this.items = this.items.map((issue) => byId.get(issue.id) ?? issue);
  }

  remove(id: number): void {
    this.items = this.items.filter((issue) => issue.id !== id);
    this.known.delete(id);
  }

  private take(from: Kept): void {
    this.items = from.items;
    this.known = new Set(from.items.map((issue) => issue.id));
    this.nextCursor = from.nextCursor;
    this.total = from.total;
    this.totalIsExact = from.totalIsExact;
  }

  private keep(): void {
    kept.delete(this.key);
    kept.set(this.key, {
      items: this.items,
      nextCursor: this.nextCursor,
      total: this.total,
      totalIsExact: this.totalIsExact,
    });
    const oldest = kept.keys().next().value;
    if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  }
}
