/** Which page an address means. Pure; `route.svelte.ts` holds the present one. */

export type Place =
  | { page: 'issues' }
  | { page: 'issue'; id: number }
  | { page: 'events' }
  | { page: 'projects' }
  | { page: 'project'; projectId: string }
  | { page: 'report' }
  | { page: 'system' }
  | { page: 'unknown' };

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

export function placeOf(path: string): Place {
  const parts = path.split('/').filter((part) => part !== '');
  const [first, second] = parts;
  if (parts.length === 0) return { page: 'issues' };
  if (parts.length === 1) {
    if (first === 'issues') return { page: 'issues' };
    if (first === 'events') return { page: 'events' };
    if (first === 'projects') return { page: 'projects' };
    if (first === 'report') return { page: 'report' };
    if (first === 'system') return { page: 'system' };
  }
  if (parts.length === 2 && second !== undefined) {
    if (first === 'issues' && /^[1-9]\d{0,15}$/.test(second)) {
      return { page: 'issue', id: Number(second) };
    }
    const projectId = decoded(second);
    if (first === 'projects' && projectId) return { page: 'project', projectId };
  }
  return { page: 'unknown' };
}

/** An address of a page with the members that are not empty, in the order given. */
export function addressOf(path: string, query: Record<string, string | null | undefined>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value) params.set(name, value);
  const text = params.toString();
  return text ? `${path}?${text}` : path;
}

/** The server's own pages: a link to them leaves the dashboard. */
export function leavesDashboard(path: string): boolean {
  return /^\/(api|docs|openapi\.json|healthz|readyz|metrics|assets)(\/|$)/.test(path);
}
