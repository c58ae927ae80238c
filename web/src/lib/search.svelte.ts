/** What the search box shares with the list: the fault in the query that was asked last. */
import type { Fault } from './fault';

export const search = $state<{ fault: Fault | null }>({ fault: null });

export const SEARCH_ID = 'search';

export function focusSearch(): void {
  const box = document.getElementById(SEARCH_ID);
  if (box instanceof HTMLInputElement) {
    box.focus();
    box.select();
  }
}
