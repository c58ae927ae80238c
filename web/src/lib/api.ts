/** The only place that talks to the server. */
import { connection, connectionBack, connectionLost } from './connection.svelte';
import { prefs } from './prefs.svelte';
import type { Whoever } from './trust';
import type {
  Backup,
  BackupPage,
  BulkResult,
  Change,
  Deploy,
  EventPage,
  HistoryEntry,
  Issue,
  IssueDetail,
  IssuePage,
  Json,
  LogEvent,
  Page,
  Project,
  Stats,
  System,
} from './types';

const BASE = '/api/v1';

/** The server answered, and refused. Carries the members of the error envelope. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly info: Record<string, Json>,
    readonly requestId: string | null,
    readonly retryAfterSeconds: number | null,
  ) {
    super(message);
  }
}

/** No answer came at all. */
export class ConnectionError extends Error {}

type Query = URLSearchParams | Record<string, string | number | null | undefined>;

interface Options {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal;
  /** Lets the request outlive the page; the browser allows 64 KiB of such bodies. */
  keepalive?: boolean;
}

function address(path: string, query: Query | undefined): string {
  if (!query) return BASE + path;
  let params: URLSearchParams;
  if (query instanceof URLSearchParams) params = query;
  else {
    params = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== null && value !== undefined && value !== '') params.set(name, String(value));
    }
  }
  const text = params.toString();
  return BASE + path + (text ? `?${text}` : '');
}

/** A header holds bytes, not text: a name outside Latin-1 goes as its UTF-8 bytes. */
export function headerBytes(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

async function refusal(response: Response): Promise<ApiError> {
  const requestId = response.headers.get('x-request-id');
  const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  let envelope: { code?: string; message?: string; info?: unknown; request_id?: string } = {};
  try {
    envelope = await response.json();
  } catch {
    // A proxy's page rather than the envelope: the status has to do.
  }
  const info = envelope.info && typeof envelope.info === 'object' ? envelope.info : {};
  return new ApiError(
    response.status,
    envelope.code ?? `HTTP ${response.status}`,
    envelope.message ?? response.statusText,
    info as Record<string, Json>,
    envelope.request_id ?? requestId,
    Number.isNaN(retryAfter) ? null : retryAfter,
  );
}

/** Also asked with by what is loaded later and has paths of its own. */
export async function request<T>(method: string, path: string, options: Options = {}): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (prefs.user) headers['x-log-center-user'] = headerBytes(prefs.user);
  // Every change says so, with a body or without: a foreign page's form cannot.
  if (method !== 'GET') headers['content-type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(address(path, options.query), {
      method,
      headers,
      body: options.body === undefined ? undefined : JSON.stringify(options.body),
      signal: options.signal,
      keepalive: options.keepalive,
      cache: 'no-store',
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    connectionLost();
    throw new ConnectionError(String(error));
  }
  connectionBack();
  if (!response.ok) {
    // A wrong password and a wrong code are refused in the same way, by the paths that take them.
    const isProof = method !== 'GET' && path.startsWith('/session/');
    if (response.status === 401 && !isProof) connection.loggedOut = true;
    throw await refusal(response);
  }
  const text = await response.text();
  return (text ? JSON.parse(text) : null) as T;
}

export const part = encodeURIComponent;

/** Where to listen; a new `EventSource` cannot send the header that says where it was. */
export function streamAddress(lastId: string | null): string {
  return address('/stream', { last_event_id: lastId });
}

export const api = {
  issues: (query: URLSearchParams, signal?: AbortSignal) =>
    request<IssuePage>('GET', '/issues', { query, signal }),
  issue: (id: number, signal?: AbortSignal) =>
    request<IssueDetail>('GET', `/issues/${id}`, { signal }),
  change: (id: number, change: Change, keepalive = false) =>
    request<Issue>('PATCH', `/issues/${id}`, { body: change, keepalive }),
  bulk: (ids: number[], change: Change, keepalive = false) =>
    request<{ results: BulkResult[] }>('POST', '/issues/bulk', {
      body: { ids, ...change },
      keepalive,
    }),
  comment: (id: number, text: string) =>
    request<HistoryEntry>('POST', `/issues/${id}/comments`, { body: { text } }),
  removeIssue: (id: number) => request<null>('DELETE', `/issues/${id}`),
  issueEvents: (id: number, cursor: string | null, limit: number, signal?: AbortSignal) =>
    request<EventPage>('GET', `/issues/${id}/events`, { query: { cursor, limit }, signal }),
  events: (query: URLSearchParams, signal?: AbortSignal) =>
    request<EventPage>('GET', '/events', { query, signal }),
  event: (eventId: string, projectId: string, signal?: AbortSignal) =>
    request<LogEvent>('GET', `/events/${part(eventId)}`, {
      query: { project_id: projectId },
      signal,
    }),
  removeUserEvents: (projectId: string, userId: string) =>
    request<null>('DELETE', '/events', { query: { project_id: projectId, user_id: userId } }),
  projects: (cursor: string | null = null, signal?: AbortSignal) =>
    request<Page<Project>>('GET', '/projects', { query: { cursor }, signal }),
  project: (id: string, signal?: AbortSignal) =>
    request<Project>('GET', `/projects/${part(id)}`, { signal }),
  changeProject: (id: string, settings: Project['settings']) =>
    request<Project>('PATCH', `/projects/${part(id)}`, { body: { settings } }),
  removeProject: (id: string) =>
    request<null>('DELETE', `/projects/${part(id)}`, { query: { confirm: id } }),
  deploy: (id: string, deploy: { version: string; environment?: string }) =>
    request<Json>('POST', `/projects/${part(id)}/deploys`, { body: deploy }),
  /** The newest 100 of them: more lines no chart has room for. */
  deploys: (query: Record<string, string>) =>
    request<Page<Deploy>>('GET', '/deploys', { query: { ...query, limit: 100 } }),
  stats: (query: Query, signal?: AbortSignal) =>
    request<Stats>('GET', '/stats', { query, signal }),
  report: (report: Json) =>
    request<{ id: number; is_new: boolean }>('POST', '/logs/report', { body: report }),
  whoAmI: () => request<Whoever>('GET', '/session'),
  system: () => request<System>('GET', '/system'),
  backups: (limit: number) => request<BackupPage>('GET', '/backups', { query: { limit } }),
  beginBackup: () => request<Backup>('POST', '/backups'),
};
