/** What the issues that messages are about are called: those seen last, in one request. */
import { api } from './api';

const MOST = 200;

let titles = $state.raw<ReadonlyMap<number, string>>(new Map());

export function titleOf(issueId: number): string | undefined {
  return titles.get(issueId);
}

const asked = new Set<number>();

/**
 * Asks once for those that are not known. A row without a title still has its number: what goes
 * wrong here is not said.
 */
export async function loadTitles(ids: readonly (number | null)[]): Promise<void> {
  const unknown = ids.filter((id) => id !== null && !titles.has(id) && !asked.has(id));
  if (unknown.length === 0) return;
  for (const id of unknown) if (id !== null) asked.add(id);
  const query = new URLSearchParams({ limit: String(MOST) });
  const page = await api.issues(query).catch(() => null);
  if (!page) return;
  titles = new Map([
    ...titles,
    ...page.items.map(({ id, type, message }): [number, string] => [id, `${type}: ${message}`]),
  ]);
}
