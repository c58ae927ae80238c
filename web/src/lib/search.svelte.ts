/** What the search box shares with the list: the last query's fault, and what the rows hold. */
import type { Fault } from './fault';
import type { Issue } from './types';

export const search = $state<{ fault: Fault | null }>({ fault: null });

/** The rows that were seen last: their types, files and names are offered as values. */
let rows = $state.raw<readonly Issue[]>([]);
export const seen = {
  get issues(): readonly Issue[] {
    return rows;
  },
  set issues(issues: readonly Issue[]) {
    rows = issues;
  },
};

export const SEARCH_ID = 'search';

export function focusSearch(): void {
  const box = document.getElementById(SEARCH_ID);
  if (box instanceof HTMLInputElement) {
    box.focus();
    box.select();
  }
}
