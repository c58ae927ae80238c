/** What was sent, or waits, by pages: attempts, or messages by their state. */
import { notifyApi } from './notifyapi';
import type { Delivery, Message } from './notifying';

export const SHOWN = ['all', 'sent', 'failed', 'waiting', 'dead'] as const;
export type Shown = (typeof SHOWN)[number];

/** What the address holds. */
export interface Choice {
  show: Shown;
  channelId: number | null;
}

export function choiceOf(query: URLSearchParams): Choice {
  const show = SHOWN.find((name) => name === query.get('show')) ?? 'all';
  const id = query.get('channel') ?? '';
  return { show, channelId: /^[1-9]\d{0,14}$/.test(id) ? Number(id) : null };
}

export function isOfMessages(show: Shown): show is 'waiting' | 'dead' {
  return show === 'waiting' || show === 'dead';
}

const PAGE = 50;
/** The server knows no outcome in its query: pages are read until there is a page's worth. */
const SEARCH_PAGE = 200;
const SEARCH_PAGES_MAX = 10;

function fits(one: Delivery, show: Shown): boolean {
  return show === 'all' || (one.outcome === 'sent') === (show === 'sent');
}

export class DeliveryList {
  attempts = $state.raw<Delivery[]>([]);
  messages = $state.raw<Message[]>([]);
  nextCursor = $state<string | null>(null);
  loading = $state(false);
  loaded = $state(false);
  error = $state<unknown>(null);
  /** Attempts that came and are not among the rows: said, not pushed in. */
  fresh = $state(0);
  /** How far back a search by outcome went, when it did not go to the end. */
  searchedTo = $state<string | null>(null);

  private asked: AbortController | null = null;

  async load(choice: Choice, more = false): Promise<void> {
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    this.loading = true;
    try {
      const from = more ? this.nextCursor : null;
      if (isOfMessages(choice.show)) await this.loadMessages(choice, from, asked.signal);
      else await this.loadAttempts(choice, from, asked.signal);
      this.error = null;
      this.loaded = true;
    } catch (error) {
      if (asked.signal.aborted) return;
      this.error = error;
    }
    this.loading = false;
  }

  private async loadMessages(choice: Choice, from: string | null, signal: AbortSignal) {
    const state = choice.show === 'dead' ? 'dead' : 'waiting';
    const query = { state, channel_id: choice.channelId, limit: PAGE, cursor: from } as const;
    const page = await notifyApi.messages(query, signal);
    this.messages = from ? this.messages.concat(page.items) : page.items;
    this.attempts = [];
    this.nextCursor = page.next_cursor;
    this.searchedTo = null;
    this.fresh = 0;
  }

  private async loadAttempts(choice: Choice, from: string | null, signal: AbortSignal) {
    const limit = choice.show === 'all' ? PAGE : SEARCH_PAGE;
    const found: Delivery[] = [];
    let cursor = from;
    let reached: string | null = null;
    for (let page = 0; page < SEARCH_PAGES_MAX; page++) {
      const query = { channel_id: choice.channelId, limit, cursor };
      const answer = await notifyApi.deliveries(query, signal);
      found.push(...answer.items.filter((one) => fits(one, choice.show)));
      cursor = answer.next_cursor;
      reached = answer.items.at(-1)?.at ?? reached;
      if (!cursor || found.length >= PAGE) break;
    }
    this.attempts = from ? this.attempts.concat(found) : found;
    this.messages = [];
    this.nextCursor = cursor;
    this.searchedTo = cursor && choice.show !== 'all' ? reached : null;
    if (!from) this.fresh = 0;
  }

  /** Says how many came since; rows never move under the reader. */
  async refresh(choice: Choice): Promise<void> {
    if (this.loading || !this.loaded) return;
    // Messages that wait are few and end by themselves: what is shown is what is.
    if (isOfMessages(choice.show)) {
      if (this.messages.length <= PAGE) await this.load(choice);
      return;
    }
    const asked = this.asked;
    const page = await notifyApi.deliveries({ channel_id: choice.channelId, limit: PAGE });
    if (asked !== this.asked || this.loading) return;
    const newest = this.attempts[0]?.id ?? 0;
    const fresh = page.items.filter((one) => one.id > newest && fits(one, choice.show));
    // Nothing is there that could move.
    if (this.attempts.length === 0 && fresh.length > 0) await this.load(choice);
    else this.fresh = fresh.length;
  }
}
