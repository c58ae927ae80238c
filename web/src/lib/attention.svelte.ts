/** What needs attention, read again as it happens without moving what is on the screen. */
import { api } from './api';
import {
  groupQuery,
  groupsIn,
  listQuery,
  missingFrom,
  REASONS,
  recounted,
  unseen,
  viewOf,
} from './attention';
import type { Found, View } from './attention';
import { prefs } from './prefs.svelte';
import { compared, stepsSince, totals } from './series';
import type { Stats } from './types';

const HOUR_MS = 3_600_000;
/** New issues are counted by kind, the others only begin a list. */
const LIMITS = { regressed: 50, fresh: 200, rising: 50 };
/** The chart always has some of what came before. */
const CHART_HOURS_MIN = 48;

export class Attention {
  view = $state.raw<View | null>(null);
  stats = $state.raw<Stats | null>(null);
  error = $state.raw<unknown>(null);
  /** Cards that came meanwhile: offered, not pushed in. */
  fresh = $state(0);
  /** Open issues of the reader; null while nobody has said who that is. */
  mine = $state.raw<number | null>(null);
  private next: View | null = null;
  private since = 0;
  private seen: readonly number[] = [];
  private asked = 0;
  private answered = 0;

  /** Begins anew: another time, or everything was seen. */
  async open(since: number, seen: readonly number[]): Promise<void> {
    this.since = since;
    this.seen = seen;
    await this.read(since, (next) => this.take(next));
  }

  async refresh(): Promise<void> {
    await this.read(this.since, (next) => {
      const shown = this.view;
      if (!shown || shown.storms.length + shown.sections.length === 0) this.take(next);
      else {
        this.next = next;
        this.view = recounted(shown, next);
        this.fresh = missingFrom(shown, next);
      }
    });
  }

  /** The issues that are on the screen. */
  get ids(): number[] {
    const view = this.view;
    if (!view) return [];
    const cards = [...view.storms, ...view.sections.flatMap((section) => section.cards)];
    return cards.map((card) => card.issue.id);
  }

  show(): void {
    if (this.next) this.take(this.next);
  }

  private take(next: View): void {
    this.view = next;
    this.next = next;
    this.fresh = 0;
  }

  private async read(since: number, took: (next: View) => void): Promise<void> {
    const turn = ++this.asked;
    try {
      const [stats, mine, ...lists] = await Promise.all([
        api.stats(chartQuery(since)),
        readMine(),
        ...REASONS.map(async (reason) => {
          const query = new URLSearchParams(listQuery(reason, since));
          query.set('limit', String(LIMITS[reason]));
          // Of more than a page, those with the most reports: a storm is never left out.
          query.set('sort', 'count');
          return [reason, unseen(await api.issues(query), since, this.seen)] as const;
        }),
      ]);
      // Another time was chosen meanwhile.
      if (since !== this.since) return;
      this.stats = stats;
      this.mine = mine;
      this.error = null;
      const reports = compared(totals(stats), stepsSince(stats.times, since)).now;
      const found = Object.fromEntries(lists) as Found;
      const view = viewOf(found, reports);
      const isPart = found.fresh.total > found.fresh.items.length;
      const next = isPart ? viewOf(found, reports, await sizesOf(view, since)) : view;
      // Answers may overtake each other: an older one tells nothing any more.
      if (since !== this.since || turn < this.answered) return;
      this.answered = turn;
      took(next);
    } catch (error) {
      if (since === this.since) this.error = error;
    }
  }
}

/** Twice the time, so that it can be compared with the time before. */
function chartQuery(since: number): Record<string, string> {
  const now = Date.now();
  const hours = Math.max(CHART_HOURS_MIN, 2 * Math.ceil((now - since) / HOUR_MS));
  return { interval: 'hour', since: new Date(now - hours * HOUR_MS).toISOString() };
}

/** How many issues there are of each kind that only a part of was read. */
async function sizesOf(view: View, since: number): Promise<Map<string, number>> {
  const sizes = groupsIn(view).map(async (card) => {
    const query = new URLSearchParams({ ...groupQuery(card, since), limit: '1' });
    return [card.key, (await api.issues(query)).total] as const;
  });
  return new Map(await Promise.all(sizes));
}

async function readMine(): Promise<number | null> {
  if (!prefs.user) return null;
  const q = 'is:mine !status:VERIFIED,DEPLOYED,CANNOT_REPRODUCE';
  return (await api.issues(new URLSearchParams({ q, limit: '1' }))).total;
}
