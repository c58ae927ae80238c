// The words of the client: what a team may set, what is sent, what an error answers.

/** From worst to least. The server's own names are accepted as well. */
export type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug';

/** What may be part of a report beside the error. Everything that is JSON is kept and shown. */
export interface Context {
  url?: string;
  method?: string;
  status?: number;
  params?: unknown;
  query?: unknown;
  body?: unknown;
  headers?: unknown;
  user_id?: string | number;
  user?: User;
  request_id?: string;
  trace_id?: string;
  component?: string;
  graphql?: unknown;
  rpc?: unknown;
  tags?: Record<string, string>;
  breadcrumbs?: Breadcrumb[];
  [name: string]: unknown;
}

export interface User {
  id?: string | number;
  [name: string]: unknown;
}

export interface Breadcrumb {
  message: string;
  category?: string;
  timestamp?: string;
  data?: unknown;
}

/** One report, as `POST /api/v1/logs/report` takes it. */
export interface Report {
  project_id: string;
  environment: string;
  level: string;
  timestamp: string;
  version?: string;
  commit_hash?: string;
  event_id: string;
  error: {
    type: string;
    message: string;
    file_path: string;
    line_number: number;
    stack_trace: string[];
    code: string;
  };
  context: Context;
}

/** What `beforeSend` gets beside the report. */
export interface Hint {
  error: unknown;
}

/** What a failed request is answered with. */
export interface StructuredError {
  code: string;
  message: string;
  info: unknown;
  data: unknown;
  requestId?: string;
  originalError?: OriginalError;
}

export interface OriginalError {
  type: string;
  message: string;
  code?: string | number;
  stack?: string[];
  cause?: OriginalError;
}

/** How one report differs from what would be found out. */
export interface Details {
  level?: Level;
  /** Another code than the one that is recognised. */
  code?: string;
  context?: Context;
}

export interface Options {
  /** Where Log Center listens, such as `http://localhost:8002`. Absent: nothing is sent. */
  url?: string | undefined;
  project?: string | undefined;
  environment?: string | undefined;
  version?: string | undefined;
  commitHash?: string | undefined;
  /** The key to report with, once the server asks for one. */
  key?: string | undefined;
  /** Reports below this level are not sent. Default: `debug`, so all are. */
  level?: Level | undefined;
  /** From 0 to 1: which part of the reports is sent. */
  sampleRate?: number | undefined;
  /** Errors to leave out: a code, part of `Type: message`, or a pattern for it. */
  ignore?: (string | RegExp)[] | undefined;
  /** Changes a report, or drops it by giving `null`. */
  beforeSend?: ((report: Report, hint: Hint) => Report | null | undefined) | undefined;
  /** Levels by code, such as `{ ValidationError: 'error' }`. */
  codeLevelMap?: Record<string, Level> | undefined;
  /** Says whether a framework's integration reports an error, instead of the rule by status. */
  shouldReport?: ((error: unknown, found: { code: string; status: number }) => boolean) | undefined;
  /** Codes whose message may be shown to callers in production although the status is 5xx. */
  exposeCodes?: string[] | undefined;
  /** More names of secret fields. */
  scrub?: (string | RegExp)[] | undefined;
  /** Files that are the program's own although they look foreign: part of the path, a pattern. */
  inApp?: (string | RegExp)[] | undefined;
  /** Paths in reports are relative to this folder. Default: where the program was started. */
  rootDir?: string | undefined;
  /** `small` (default) sends request bodies up to 10 KB, `never` sends none. */
  bodies?: 'small' | 'never' | undefined;
  /** How long one request to Log Center may take, in milliseconds. Default 3000. */
  timeout?: number | undefined;
  /** How many reports may wait. Default 100; the oldest go first. */
  maxQueue?: number | undefined;
  /** `exit` (default) ends the program as Node would, `continue` lives on, `observe` only looks. */
  onUncaught?: 'exit' | 'continue' | 'observe' | 'off' | undefined;
  /**
   * Which outgoing requests carry the request id: all, none, or those to these hosts (`*.shop`
   * means all below) or addresses that begin so.
   * Default: all on a server, those to the page's own origin in a browser.
   */
  propagate?: boolean | (string | RegExp)[] | undefined;
  enabled?: boolean | undefined;
  /** Says on the console what the client does. */
  debug?: boolean | undefined;
}
