/** The shapes of the API's answers, as the contract names them. */

export const STATUSES = [
  'NEW',
  'VERIFYING',
  'CANNOT_REPRODUCE',
  'PENDING_FIX',
  'FIXING',
  'FIXED',
  'FIX_FAILED',
  'VERIFIED',
  'DEPLOYED',
] as const;
export type Status = (typeof STATUSES)[number];

export const LEVELS = ['CRITICAL', 'ERROR', 'WARNING', 'INFO', 'DEBUG'] as const;
export type Level = (typeof LEVELS)[number];

export const SORTS = ['last_seen', 'first_seen', 'count', 'users'] as const;
export type Sort = (typeof SORTS)[number];

export type MutedUntil = null | { at: string } | { reports: number } | { for_ever: true };

export interface Issue {
  id: number;
  project_id: string;
  fingerprint: string;
  status: Status;
  level: Level;
  type: string;
  code: string | null;
  message: string;
  file_path: string;
  line_number: number;
  culprit: string | null;
  count: number;
  users: number;
  first_seen: string;
  last_seen: string;
  first_version: string | null;
  last_version: string | null;
  environments: string[];
  regressed: boolean;
  rising: boolean;
  /** The last 24 hourly counts, oldest first. */
  trend: number[];
  assignee: string | null;
  muted_until: MutedUntil;
}

export interface Slice {
  key: string;
  count: number;
  last_seen: string;
}

export interface HistoryEntry {
  id: number;
  at: string;
  kind: 'move' | 'comment' | 'assign' | 'mute' | 'deploy' | 'regression';
  from: string | null;
  to: string | null;
  who: string;
  verified: boolean;
  note: string | null;
  version: string | null;
  commit_hash: string | null;
  text: string | null;
}

export interface IssueDetail extends Issue {
  latest_event: LogEvent | null;
  history: HistoryEntry[];
  allowed_moves: Status[];
  by_environment: Slice[];
  by_version: Slice[];
  /** 14 days of hourly counts, oldest first. */
  hourly: { times: string[]; counts: number[] };
}

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type Context = { [key: string]: Json };

/** An event of a list: without the stack and the context. */
export interface EventSummary {
  event_id: string;
  issue_id: number;
  project_id: string;
  fingerprint: string;
  timestamp: string;
  received_at: string;
  environment: string;
  level: Level;
  version: string | null;
  commit_hash: string | null;
  error: {
    type: string;
    message: string;
    file_path: string;
    line_number: number;
    code: string | null;
    stack_trace?: string[] | string;
  };
  culprit: string | null;
  request_id: string | null;
  user_id: string | null;
  trace_id: string | null;
}

/** An event as a whole. */
export interface LogEvent extends EventSummary {
  context: Context | null;
  trimmed: string[];
  adjusted: string[];
}

export interface Project {
  project_id: string;
  created_at: string;
  last_report_at: string | null;
  counts: Record<Status, number>;
  issues: number;
  settings: { live_environments: string[] };
}

export interface Page<T> {
  items: T[];
  next_cursor: string | null;
}

export interface IssuePage extends Page<Issue> {
  total: number;
  total_is_exact: boolean;
}

export interface EventPage extends Page<EventSummary> {
  complete?: boolean;
  searched_to?: string;
}

/** Reports by time, one series for each value of what was asked by. */
export interface Stats {
  interval: 'hour' | 'day';
  times: string[];
  series: { key: string; counts: number[] }[];
}

/** A version that went live, as somebody told. */
export interface Deploy {
  id: number;
  project_id: string;
  version: string;
  /** `null`: everywhere. */
  environment: string | null;
  commit_hash: string | null;
  at: string;
  who: string;
  moved: number;
}

/** What a change of an issue may carry. `from` is the status that the user saw. */
export interface Change {
  status?: Status;
  from?: Status;
  path?: boolean;
  assignee?: string | null;
  muted_until?: MutedUntil;
  note?: string;
  version?: string;
  commit_hash?: string;
}

export interface Refusal {
  code: string;
  message: string;
  info?: Record<string, Json> | null;
}

export type BulkResult = { id: number; issue: Issue } | ({ id: number } & Refusal);

export interface Removed {
  events_by_age: number;
  events_by_number: number;
  events_by_size: number;
  issues_by_size: number;
}

/** How the program is doing. */
export interface System {
  version: string;
  started_at: string;
  /** When this was told, by the server's clock. */
  at: string;
  storing: { ok: boolean; reason: string | null; message: string | null };
  last_error: null | { at: string; kind: string; request_id: string | null };
  queue: { reports: number; reports_max: number; bytes: number; bytes_max: number };
  connections: { open: number; open_max: number; listeners: number };
  file: { bytes: number; bytes_max: number; wal_bytes: number };
  disk: { free_bytes: number; floor_bytes: number };
  reports: { stored: number; duplicate: number; trimmed: number; adjusted: number };
  refused: {
    by_code: { code: string; count: number }[];
    by_reason: { reason: string; count: number; last_at: string }[];
    by_project: { project_id: string; count: number }[];
  };
  slow_reads: {
    from_ms: number;
    items: {
      path: string;
      asked: string;
      at: string;
      took_ms: number;
      status: number;
      bytes: number;
    }[];
  };
  removed: { since_start: Removed; ever: Removed | null; for_size_at: string | null };
  keep: { retention_days: number; events_per_issue: number };
  /** Of the server's own https. */
  certificate: null | {
    expires_at: string | null;
    renews_at: string | null;
    trouble: string | null;
  };
  limits: {
    rate_per_address: number | null;
    rate_per_project: number | null;
    rate_per_key: number | null;
    connections_per_address: number | null;
    header_timeout_s: number;
    body_timeout_s: number;
    report_bytes_max: number;
    batch_bytes_max: number;
    batch_reports_max: number;
  };
}

/** A copy of everything, as a file on the server's machine. */
export interface Backup {
  /** Its file. */
  name: string;
  kind: 'requested' | 'scheduled';
  state: 'copying' | 'checking' | 'done' | 'failed';
  /** When it was begun. */
  created_at: string;
  finished_at: string | null;
  /** Until it is whole, about what it will have. */
  bytes: number;
  /** How much of the copy is there, from 0 to 1. */
  progress: number;
  sha256: string | null;
  /** Why it failed, for a person. */
  failure: string | null;
}

export interface BackupPage extends Page<Backup> {
  schedule: null | { every_hours: number; keep: number; next_at: string };
}
