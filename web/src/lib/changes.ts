/** Assigning and muting: sent at once, since either can be taken back. */
import { api } from './api';
import { batched } from './batches';
import { announce, type Failure } from './moves.svelte';
import { say } from './toasts.svelte';
import type { Change, Issue } from './types';
import { t } from './words.svelte';

type Settable = Pick<Change, 'assignee' | 'muted_until'>;

/** What puts the issues back as they were, one change for all that were alike. */
export function inverseOf(
  issues: readonly Issue[],
  change: Settable,
): { ids: number[]; change: Settable }[] {
  const groups = new Map<string, { ids: number[]; change: Settable }>();
  for (const issue of issues) {
    const before: Settable = {};
    if (change.assignee !== undefined) before.assignee = issue.assignee;
    if (change.muted_until !== undefined) before.muted_until = issue.muted_until;
    const key = JSON.stringify(before);
    const group = groups.get(key) ?? { ids: [], change: before };
    group.ids.push(issue.id);
    groups.set(key, group);
  }
  return [...groups.values()];
}

async function send(all: readonly number[], change: Settable): Promise<Issue[]> {
  const changed: Issue[] = [];
  const failed: Failure[] = [];
  for (const ids of batched(all)) {
    try {
      if (all.length === 1) {
        changed.push(await api.change(ids[0] as number, change));
        continue;
      }
      for (const result of (await api.bulk(ids, change)).results) {
        if ('issue' in result) changed.push(result.issue);
        else failed.push({ id: result.id, text: result.message });
      }
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      failed.push(...ids.map((id) => ({ id, text })));
    }
  }
  announce(changed, failed);
  const [first] = failed;
  if (failed.length === 1 && first) {
    say(t('changes.failed', { id: String(first.id), reason: first.text }), 'bad');
  } else if (first) say(t('changes.someFailed', { n: failed.length, reason: first.text }), 'bad');
  return changed;
}

function sentence(n: number, change: Settable): string {
  if (change.assignee) return t('changes.assigned', { n, name: change.assignee });
  if (change.assignee === null) return t('changes.unassigned', { n });
  return change.muted_until ? t('changes.muted', { n }) : t('changes.unmuted', { n });
}

export async function applyChange(issues: readonly Issue[], change: Settable): Promise<void> {
  const changed = await send(
    issues.map((issue) => issue.id),
    change,
  );
  if (changed.length === 0) return;
  const ids = new Set(changed.map((issue) => issue.id));
  const before = inverseOf(
    issues.filter((issue) => ids.has(issue.id)),
    change,
  );
  say(sentence(changed.length, change), 'plain', {
    label: t('moves.undo'),
    do: () => void Promise.all(before.map((group) => send(group.ids, group.change))),
  });
}
