/** What the issues that messages are about are called: those seen last, the others by number. */
import { api } from './api';
import type { Issue } from './types';

const MOST = 200;
const AT_ONCE = 4;

let titles = $state.raw<ReadonlyMap<number, string>>(new Map());

export function titleOf(issueId: number): string | undefined {
  return titles.get(issueId);
}

const asked = new Set<number>();

function keep(issues: readonly Pick<Issue, 'id' | 'type' | 'message'>[]): void {
  const more = issues.map(({ id, type, message }): [number, string] => [id, `${type}: ${message}`]);
  titles = new Map([...titles, ...more]);
}

async function keepNewest(): Promise<void> {
  const page = await api.issues(new URLSearchParams({ limit: String(MOST) })).catch(() => null);
  if (page) keep(page.items);
}

/** Takes one after the other from those that are left. */
async function keepEach(left: number[]): Promise<void> {
  for (let id = left.shift(); id !== undefined; id = left.shift()) {
    const issue = await api.issue(id).catch(() => null);
    if (issue) keep([issue]);
  }
}

/**
 * Asks once for those that are not known. A row without a title still has its number: what goes
 * wrong here is not said.
 */
export async function loadTitles(ids: readonly (number | null)[]): Promise<void> {
  const unknown = new Set<number>();
  for (const id of ids) if (id !== null && !titles.has(id) && !asked.has(id)) unknown.add(id);
  for (const id of unknown) asked.add(id);
  // One request says most of many.
  if (unknown.size > AT_ONCE) await keepNewest();
  const left = [...unknown].filter((id) => !titles.has(id));
  await Promise.all(Array.from({ length: AT_ONCE }, () => keepEach(left)));
}
