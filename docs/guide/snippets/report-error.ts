// Save as src/report-error.ts and import it first of all in main.ts:
//   import './report-error';
const LOG_CENTER_URL = 'http://localhost:8002';
const PROJECT = 'my_project';
const ENVIRONMENT = location.hostname === 'localhost' ? 'development' : 'production';

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
export function reportError(error, context = {}, { level = 'ERROR', ...known } = {}) {
  try {
    if (Object(error) === error) {
      if (reported.has(error)) return;
      reported.add(error);
    }
    if ((left -= 1) < 0) return;
    const report = {
      project_id: PROJECT,
      environment: ENVIRONMENT,
      level,
      error: {
        type: String(error?.name ?? 'NonError'),
        message: String(error?.message ?? toJson(error)).slice(0, 8000),
        ...place(error),
        stack_trace: String(error?.stack ?? '').slice(0, 20000).split('\n'),
        ...known,
      },
    };
    const request = { url: location.href, userAgent: navigator.userAgent };
    send(toJson({ ...report, context: { ...request, ...context } }), toJson({ ...report, context: request }));
  } catch {
    // The page comes first.
  }
}

function send(whole, short) {
  // Browsers take 64 KiB of what shall outlive the page.
  const body = new Blob([whole]).size < 60000 ? whole : short;
  const url = `${LOG_CENTER_URL}/api/v1/logs/report`;
  if (!navigator.sendBeacon?.(url, body)) {
    const signal = AbortSignal.timeout?.(3000);
    fetch(url, { method: 'POST', body, keepalive: true, credentials: 'omit', signal }).catch(() => {});
  }
}

/** The innermost frame of your own code: "at name (url:line:column)" or "name@url:line:column". */
function place(error) {
  for (const line of String(error?.stack ?? '').split('\n')) {
    const frame = /(?:\(|@|at )([^()@\s]+:\/\/.+?):(\d+):\d+\)?$/.exec(line.trim());
    if (frame && !/node_modules|\/@vite\/|-extension:/.test(frame[1])) {
      // Without origin, query and the hash of a build, it is the same on every machine.
      const file = frame[1].replace(location.origin, '').split(/[?#]/)[0];
      return { file_path: file.replace(/[-.][\w-]{8,}(?=\.m?js$)/, ''), line_number: Number(frame[2]) };
    }
  }
  return { file_path: 'unknown', line_number: 0 };
}

function toJson(value) {
  const seen = new WeakSet();
  return JSON.stringify(value, (_key, inner) => {
    if (typeof inner === 'bigint' || inner instanceof Error) return String(inner);
    if (Object(inner) !== inner) return inner;
    if (seen.has(inner)) return '[seen above]';
    seen.add(inner);
    return inner;
  });
}

addEventListener('error', ({ error, message, filename, lineno }) => {
  // A script of another origin tells nothing, and this warning of browsers harms nobody.
  if (/^Script error|^ResizeObserver loop/.test(message)) return;
  reportError(error ?? { name: 'Error', message, stack: `@${filename}:${lineno}:0` });
});
addEventListener('unhandledrejection', ({ reason }) => reportError(reason));
