/** Who may be meant when an issue is assigned: oneself, then who looks after the most. */
import { api, request } from './api';
import type { Listed } from './trust';
import type { Issue, Page } from './types';

/** Issues and people that are asked for: one page of each. */
const LIMIT = 200;

/** Names for a choice. With a list of people nobody else is meant, and all of them may be. */
export function namesOf(
  me: string,
  issues: readonly Pick<Issue, 'assignee'>[],
  people: readonly Listed[] | null,
): string[] {
  const counts = new Map<string, number>();
  for (const one of people ?? []) {
    if (!('disabled_at' in one && one.disabled_at)) counts.set(one.name, 0);
  }
  for (const { assignee } of issues) {
    if (!assignee || (people && !counts.has(assignee))) continue;
    counts.set(assignee, (counts.get(assignee) ?? 0) + 1);
  }
  counts.delete(me);
  const others = [...counts].sort(([a, m], [b, n]) => n - m || a.localeCompare(b));
  return [...(me ? [me] : []), ...others.map(([name]) => name)];
}

/** Asks for the issues that somebody has and, where there are logins, for who has one. */
export async function readNames(me: string, withLogins: boolean): Promise<string[]> {
  const query = new URLSearchParams({ q: 'assignee:*', limit: String(LIMIT) });
  const [issues, people] = await Promise.all([
    api.issues(query),
    withLogins ? request<Page<Listed>>('GET', '/people', { query: { limit: LIMIT } }) : null,
  ]);
  return namesOf(me, issues.items, people?.items ?? null);
}
