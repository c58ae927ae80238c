/** The projects with their counts: the switcher, the first run and the projects page share them. */
import { api } from './api';
import type { Project } from './types';

const PAGES_MAX = 10;

const state = $state<{ items: Project[]; loaded: boolean; error: unknown }>({
  items: [],
  loaded: false,
  error: null,
});

export const projects = {
  get items(): readonly Project[] {
    return state.items;
  },
  get loaded(): boolean {
    return state.loaded;
  },
  get error(): unknown {
    return state.error;
  },
};

export async function loadProjects(): Promise<void> {
  try {
    const items: Project[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < PAGES_MAX; page++) {
      const answer = await api.projects(cursor);
      items.push(...answer.items);
      cursor = answer.next_cursor;
      if (!cursor) break;
    }
    state.items = items.sort((a, b) => a.project_id.localeCompare(b.project_id));
    state.loaded = true;
    state.error = null;
  } catch (error) {
    state.error = error;
  }
}
