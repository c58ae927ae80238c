/** The backups on the server, and the one that was begun from here. */
import { api, ApiError } from './api';
import { size } from './bytes';
import { say } from './toasts.svelte';
import type { Backup, BackupPage } from './types';
import { currentLanguage, t } from './words.svelte';

/** As many as the card lists; the one under way and a failure are among the newest. */
const LIMIT = 5;

const state = $state<{ page: BackupPage | null; error: unknown; asking: boolean }>({
  page: null,
  error: null,
  asking: false,
});

const isUnderWay = (one: Backup) => one.state === 'copying' || one.state === 'checking';
const underWay = $derived(state.page?.items.find(isUnderWay));

/** The one that was begun from here, until its end is told. */
let awaited: string | null = null;

export const backups = {
  get page(): BackupPage | null {
    return state.page;
  },
  get error(): unknown {
    return state.error;
  },
  get underWay(): Backup | undefined {
    return underWay;
  },
  /** Whether another one cannot be begun now. */
  get busy(): boolean {
    return state.asking || underWay !== undefined;
  },
};

function tellEnd(items: readonly Backup[]): void {
  const ended = items.find((one) => one.name === awaited && !isUnderWay(one));
  if (!ended) return;
  awaited = null;
  // Why one failed stands in the card, and stays there.
  if (ended.state === 'done') {
    say(t('system.backupMade', { size: size(currentLanguage(), ended.bytes) }));
  }
}

export async function loadBackups(): Promise<void> {
  try {
    state.page = await api.backups(LIMIT);
    state.error = null;
    tellEnd(state.page.items);
  } catch (error) {
    state.error = error;
  }
}

export async function beginBackup(): Promise<void> {
  state.asking = true;
  try {
    awaited = (await api.beginBackup()).name;
  } catch (error) {
    // Somebody else, or the clock, was quicker: theirs is shown.
    const other = error instanceof ApiError && error.status === 409;
    if (other) say(t('system.backupOther'));
    else say(error instanceof Error ? error.message : String(error), 'bad');
  }
  await loadBackups();
  state.asking = false;
}
