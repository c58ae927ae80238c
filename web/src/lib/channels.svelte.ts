/** The channels with their last attempts, and the rules: what the pages of notifications share. */
import { notifyApi } from './notifyapi';
import type { Channel, Delivery, Rule, RuleBody } from './notifying';

/** Attempts that are read again each time: what is older was read before. */
const NEWEST = 100;

const state = $state<{
  channels: Channel[];
  rules: Rule[];
  fallback: RuleBody | null;
  loaded: boolean;
  error: unknown;
}>({ channels: [], rules: [], fallback: null, loaded: false, error: null });

/** The newest attempt of each channel. */
let last = $state.raw<ReadonlyMap<number, Delivery>>(new Map());

const names = $derived(new Map(state.channels.map(({ id, name }) => [id, name])));

export const notifying = {
  get channels(): readonly Channel[] {
    return state.channels;
  },
  get rules(): readonly Rule[] {
    return state.rules;
  },
  /** The rule that holds while there is none. */
  get fallback(): RuleBody | null {
    return state.fallback;
  },
  get loaded(): boolean {
    return state.loaded;
  },
  get error(): unknown {
    return state.error;
  },
  get last(): ReadonlyMap<number, Delivery> {
    return last;
  },
  get names(): ReadonlyMap<number, string> {
    return names;
  },
};

async function loadLast(channels: readonly Channel[]): Promise<void> {
  if (channels.length === 0) return;
  const newest = new Map<number, Delivery>();
  const note = (one: Delivery) => {
    if ((newest.get(one.channel_id)?.id ?? 0) < one.id) newest.set(one.channel_id, one);
  };
  for (const one of last.values()) note(one);
  (await notifyApi.deliveries({ limit: NEWEST })).items.forEach(note);
  // One that was quiet for long is asked for by itself, once.
  const unknown = channels.filter(({ id }) => !newest.has(id) && !asked.has(id));
  for (const { id } of unknown) {
    asked.add(id);
    (await notifyApi.deliveries({ channel_id: id, limit: 1 })).items.forEach(note);
  }
  last = newest;
}

const asked = new Set<number>();

export async function loadNotifying(): Promise<void> {
  try {
    const [channels, rules] = await Promise.all([notifyApi.channels(), notifyApi.rules()]);
    await loadLast(channels.items);
    state.channels = channels.items;
    state.rules = rules.items;
    state.fallback = rules.default;
    state.loaded = true;
    state.error = null;
  } catch (error) {
    state.error = error;
  }
}
