/** The events of one issue, newest first, and the one that is shown. */
import { api } from './api';
import type { EventSummary, LogEvent } from './types';

const PAGE_EVENTS = 50;
/** How far a linked event is looked for, so that older and newer ones can be named. */
const SEARCHED_PAGES_MAX = 4;

export class EventPager {
  list = $state<EventSummary[]>([]);
  event = $state.raw<LogEvent | null>(null);
  error = $state<unknown>(null);
  loading = $state(false);
  private nextCursor: string | null = null;
  private started = false;

  constructor(
    readonly issueId: number,
    readonly projectId: string,
  ) {}

  get index(): number {
    return this.list.findIndex((one) => one.event_id === this.event?.event_id);
  }

  get hasNewer(): boolean {
    return this.index > 0;
  }

  get hasOlder(): boolean {
    const index = this.index;
    return index >= 0 && (index < this.list.length - 1 || this.nextCursor !== null);
  }

  /** The whole number of what can be paged through is known only when the last page came. */
  get complete(): boolean {
    return this.started && this.nextCursor === null;
  }

  private async page(): Promise<void> {
    const answer = await api.issueEvents(this.issueId, this.nextCursor, PAGE_EVENTS);
    const known = new Set(this.list.map((one) => one.event_id));
    this.list.push(...answer.items.filter((one) => !known.has(one.event_id)));
    this.nextCursor = answer.next_cursor;
    this.started = true;
  }

  /** Shows an event: the newest when none is named. */
  async show(eventId: string | null, newest: LogEvent | null): Promise<void> {
    this.loading = true;
    this.error = null;
    try {
      if (!this.started) await this.page();
      const wanted = eventId ?? newest?.event_id ?? this.list[0]?.event_id ?? null;
      if (wanted === null) this.event = null;
      else if (newest && newest.event_id === wanted) this.event = newest;
      else this.event = await api.event(wanted, this.projectId);
      for (let n = 1; wanted && this.index < 0 && this.nextCursor && n < SEARCHED_PAGES_MAX; n++) {
        await this.page();
      }
    } catch (error) {
      this.error = error;
    }
    this.loading = false;
  }

  /** The id of the event beside the shown one; loads the next page where it is needed. */
  async beside(direction: 'older' | 'newer'): Promise<string | null> {
    const index = this.index;
    if (index < 0) return null;
    if (direction === 'newer') return this.list[index - 1]?.event_id ?? null;
    if (index === this.list.length - 1 && this.nextCursor) await this.page();
    return this.list[index + 1]?.event_id ?? null;
  }

  /** New events are counted from the start again; the shown one stays. */
  async restart(): Promise<void> {
    const answer = await api.issueEvents(this.issueId, null, PAGE_EVENTS);
    const known = new Set(this.list.map((one) => one.event_id));
    this.list.unshift(...answer.items.filter((one) => !known.has(one.event_id)));
  }
}
