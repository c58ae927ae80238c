/** Which page an address means. Pure; `route.svelte.ts` holds the present one. */
import { EXTRAS } from './filters';

/** The sub-pages of notifications; the first has the bare address. */
export type NotifyTab = 'channels' | 'rules' | 'deliveries';

export type Place =
  | { page: 'attention' }
  | { page: 'issues' }
  | { page: 'issue'; id: number }
  | { page: 'board' }
  | { page: 'events' }
  | { page: 'live' }
  | { page: 'statistics' }
  | { page: 'projects' }
  | { page: 'project'; projectId: string }
  | { page: 'notifications'; tab: NotifyTab }
  | { page: 'report' }
  | { page: 'system' }
  | { page: 'people' }
  | { page: 'keys' }
  | { page: 'audit' }
  | { page: 'account' }
  | { page: 'unknown' };

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** Pages whose address is their name alone. */
const PAGES = [
  'issues',
  'board',
  'events',
  'live',
  'statistics',
  'projects',
  'report',
  'system',
  'people',
  'keys',
  'audit',
  'account',
] as const;

export function placeOf(path: string): Place {
  const parts = path.split('/').filter((part) => part !== '');
  const [first, second] = parts;
  if (parts.length === 0) return { page: 'attention' };
  if (parts.length === 1) {
    const page = PAGES.find((name) => name === first);
    if (page) return { page };
    if (first === 'notifications') return { page: 'notifications', tab: 'channels' };
  }
  if (parts.length === 2 && second !== undefined) {
    if (first === 'issues' && /^[1-9]\d{0,15}$/.test(second)) {
      return { page: 'issue', id: Number(second) };
    }
    if (first === 'notifications' && (second === 'rules' || second === 'deliveries')) {
      return { page: 'notifications', tab: second };
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

/** What only the list of issues has in its address. */
const LIST_MEMBERS = ['q', 'project_id', 'environment', 'status', 'level', 'sort', ...EXTRAS];

/** The list of issues was the first page once: where a link to it with a filter leads now. */
export function movedAddress(path: string, search: string): string | null {
  if (path !== '/') return null;
  const query = new URLSearchParams(search);
  return LIST_MEMBERS.some((name) => query.has(name)) ? `/issues${search}` : null;
}

/** The server's own pages: a link to them leaves the dashboard. */
export function leavesDashboard(path: string): boolean {
  return /^\/(api|docs|openapi\.json|healthz|readyz|metrics|assets|login|join)(\/|$)/.test(path);
}
