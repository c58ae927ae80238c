// Save as src/report-error.ts and import it first of all in main.ts:
//   import './report-error';
const LOG_CENTER_URL = 'http://localhost:8002';
const PROJECT = 'my_project';
const LOCAL = ['localhost', '127.0.0.1'].includes(location.hostname);
const ENVIRONMENT = LOCAL ? 'development' : 'production';

/** Fields of the report that the caller knows better than the stack. */
export interface Known {
  level?: 'DEBUG' | 'INFO' | 'WARNING' | 'ERROR' | 'CRITICAL';
  type?: string;
  code?: string;
  file_path?: string;
  line_number?: number;
}

const reported = new WeakSet<object>();
let left = 100; // reports of one page, so that an endless loop of errors stays bounded

/** Reports an error; never throws, never waits. The third argument sets fields of the report. */
export function reportError(
  error: unknown,
  context: Record<string, unknown> = {},
  { level = 'ERROR', ...known }: Known = {},
): void {
  try {
    if (Object(error) === error) {
      if (reported.has(error as object)) return;
      reported.add(error as object);
    }
    if ((left -= 1) < 0) return;
    const { name = 'NonError', message, stack = '' } = Object(error);
    const report = {
      project_id: PROJECT,
      environment: ENVIRONMENT,
      level,
      error: {
        type: String(name),
        message: String(message ?? toJson(error)).slice(0, 8000),
        ...place(String(stack)),
        stack_trace: String(stack).slice(0, 20000).split('\n'),
        ...known,
      },
    };
    const request = { url: location.href, userAgent: navigator.userAgent };
    send({ ...report, context: { ...request, ...context } }, { ...report, context: request });
  } catch {
    // The page comes first.
  }
}

function send(whole: object, short: object) {
  const url = `${LOG_CENTER_URL}/api/v1/logs/report`;
  let body = toJson(whole);
  // Browsers take 64 KiB of what shall outlive the page: then without its context.
  if (!body || new Blob([body]).size > 60000) body = toJson(short);
  if (!navigator.sendBeacon?.(url, body)) {
    const request: RequestInit = { method: 'POST', body, keepalive: true, credentials: 'omit' };
    fetch(url, { ...request, signal: AbortSignal.timeout?.(3000) }).catch(() => {});
  }
}

/** The innermost frame of your own code: "at name (url:line:column)" or "name@url:line:column". */
function place(stack: string) {
  const pattern = /(?:\(|@|at )([^()@\s]+:\/\/.+?):(\d+):\d+\)?$/;
  const frames = stack.split('\n').map((line) => pattern.exec(line.trim()) ?? []);
  const library = /node_modules|\/@vite\/|-extension:/;
  const [, url = 'unknown', line = 0] =
    frames.find(([, url]) => url && !library.test(url)) ?? frames.find(([, url]) => url) ?? [];
  // Without origin, query and the hash of a build, it is the same on every machine.
  const file_path = url
    .replace(location.origin, '')
    .replace(/[?#].*/, '')
    .replace(/[-.](?=[\w-]*[\dA-Z])[\w-]{8}(?=\.m?js$)/, '');
  return { file_path, line_number: Number(line) };
}

/** JSON whatever the value; undefined when it cannot even be read. */
function toJson(value: unknown): string | undefined {
  const seen = new WeakSet<object>();
  try {
    return JSON.stringify(value, (_key, inner) => {
      if (typeof inner === 'bigint' || inner instanceof Error) return String(inner);
      if (Object(inner) !== inner) return inner;
      if (seen.has(inner)) return '[seen above]';
      seen.add(inner);
      return inner;
    });
  } catch {
    return undefined;
  }
}

addEventListener('error', ({ error, message, filename, lineno }) => {
  // A script of another origin tells nothing, and this warning of browsers harms nobody.
  if (/^Script error|^ResizeObserver loop/.test(message)) return;
  reportError(error ?? { name: 'Error', message, stack: `@${filename}:${lineno}:0` });
});
addEventListener('unhandledrejection', ({ reason }) => reportError(reason));
