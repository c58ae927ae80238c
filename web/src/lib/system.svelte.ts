/** How the server is doing: the banner, the mark in the menu and the page about it share this. */
import { api } from './api';
import { size } from './bytes';
import { noticesOf, type Notice } from './notices';
import { poll } from './poll';
import { prefs } from './prefs.svelte';
import type { System } from './types';
import { currentLanguage } from './words.svelte';

const EVERY_MS = 30_000;

const state = $state<{ document: System | null; error: unknown }>({ document: null, error: null });

function noticesBut(dismissed: Readonly<Record<string, number>>): Notice[] {
  const inWords = (bytes: number) => size(currentLanguage(), bytes);
  return state.document ? noticesOf(state.document, inWords, dismissed) : [];
}

const notices = $derived(noticesBut(prefs.dismissed));

export const system = {
  get document(): System | null {
    return state.document;
  },
  get error(): unknown {
    return state.error;
  },
  /** Without those that were put aside. */
  get notices(): readonly Notice[] {
    return notices;
  },
  get allNotices(): readonly Notice[] {
    return noticesBut({});
  },
};

export async function loadSystem(): Promise<void> {
  try {
    state.document = await api.system();
    state.error = null;
  } catch (error) {
    state.error = error;
  }
}

/** Asks now, and gently from then on. */
export function watchSystem(): () => void {
  void loadSystem();
  return poll(loadSystem, EVERY_MS);
}
