/**
 * Who the reader is, and so what is offered. The server decides; this only leaves out what it would
 * refuse.
 */
import { api } from './api';
import { prefs } from './prefs.svelte';
import { isAtLeast, type Role } from './role';
import type { Person, Whoever } from './trust';

const state = $state<{ document: Whoever | null; asked: boolean }>({
  document: null,
  asked: false,
});

export const who = {
  get document(): Whoever | null {
    return state.document;
  },
  /** Whether the server has answered, or will not. */
  get asked(): boolean {
    return state.asked;
  },
  /** Nobody has to log in: everybody may everything. */
  get isOpen(): boolean {
    return state.document?.mode === 'open';
  },
  get person(): Person | null {
    return state.document?.person ?? null;
  },
};

/** Until the server has said who it is, everything is offered, as on a laptop. */
export function may(least: Role): boolean {
  return !state.document || who.isOpen || isAtLeast(state.document.role, least);
}

export async function loadWho(): Promise<void> {
  try {
    state.document = await api.whoAmI();
    prefs.person = state.document.person?.name ?? '';
  } catch {
    // The page works without it: what is refused is said then.
  }
  state.asked = true;
}
