/** Assigning and muting: sent at once, since either can be taken back. */
import { api } from './api';
import { announce, type Failure } from './moves.svelte';
import { say } from './toasts.svelte';
import type { Change, Issue } from './types';
import { t } from './words.svelte';

export async function applyChange(issues: readonly Issue[], change: Change): Promise<void> {
  const changed: Issue[] = [];
  const failed: Failure[] = [];
  const [only] = issues;
  try {
    if (issues.length === 1 && only) changed.push(await api.change(only.id, change));
    else {
      const ids = issues.map((issue) => issue.id);
      for (const result of (await api.bulk(ids, change)).results) {
        if ('issue' in result) changed.push(result.issue);
        else failed.push({ id: result.id, text: result.message });
      }
    }
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    failed.push(...issues.map((issue) => ({ id: issue.id, text })));
  }
  announce(changed, failed);
  const [first] = failed;
  if (failed.length === 1 && first) {
    say(t('changes.failed', { id: String(first.id), reason: first.text }), 'bad');
  } else if (first) say(t('changes.someFailed', { n: failed.length, reason: first.text }), 'bad');
}
