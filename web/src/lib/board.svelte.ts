/** The cards of the board, a page of each status, read again without moving what is there. */
import { api } from './api';
import { merged, ORDER } from './board';
import { isWaiting, shownStatus } from './moves.svelte';
import type { Issue, Status } from './types';

/** Cards of one status; whoever wants to see more of them opens the list. */
const CARDS_MAX = 40;

export class Board {
  issues = $state.raw<Issue[]>([]);
  totals = $state.raw<Partial<Record<Status, number>>>({});
  error = $state.raw<unknown>(null);
  loaded = $state(false);
  private filter = '';

  /** The cards that stand at a status, also those whose move still waits. */
  at(status: Status): Issue[] {
    const here = this.issues.filter((issue) => shownStatus(issue) === status);
    const moving = here.filter((issue) => isWaiting(issue.id));
    return [...moving, ...here.filter((issue) => !moving.includes(issue))];
  }

  total(status: Status): number {
    const moving = this.issues.filter((issue) => isWaiting(issue.id));
    const came = moving.filter((issue) => shownStatus(issue) === status).length;
    const went = moving.filter((issue) => issue.status === status).length;
    return Math.max(0, (this.totals[status] ?? 0) + came - went);
  }

  async open(filter: Record<string, string>): Promise<void> {
    this.filter = new URLSearchParams(filter).toString();
    this.loaded = false;
    this.issues = [];
    await this.refresh();
  }

  async refresh(): Promise<void> {
    const { filter } = this;
    try {
      const pages = await Promise.all(
        ORDER.map((status) => {
          const query = new URLSearchParams(filter);
          query.set('status', status);
          query.set('limit', String(CARDS_MAX));
          return api.issues(query);
        }),
      );
      if (filter !== this.filter) return;
      this.issues = merged(
        this.issues,
        pages.flatMap((page) => page.items),
      );
      this.totals = Object.fromEntries(
        ORDER.map((status, index) => [status, pages[index]?.total ?? 0]),
      );
      this.error = null;
      this.loaded = true;
    } catch (error) {
      if (filter === this.filter) this.error = error;
    }
  }

  /** What an answer says of single issues, before the next reading. */
  take(changed: readonly Issue[]): void {
    const now = new Map(changed.map((issue) => [issue.id, issue]));
    this.issues = this.issues.map((issue) => now.get(issue.id) ?? issue);
  }
}
