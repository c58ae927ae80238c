/** What to paste to report an error, with this server's address and the project filled in. Pure. */
import { quoted } from './curl';

/** Projects' names come from reports: they go into code as literals of that language only. */
function literal(text: string): string {
  return JSON.stringify(text).replace(/[\u2028\u2029\u007f-\u009f]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

export function curlSnippet(origin: string, project: string): string {
  const report = {
    project_id: project,
    environment: 'production',
    level: 'ERROR',
    error: {
      type: 'HelloError',
      message: 'My first report',
      file_path: 'hello.py',
      line_number: 1,
      stack_trace: ['File "hello.py", line 1, in hello'],
    },
  };
  return [
    `curl ${origin}/api/v1/logs/report \\`,
    `  -H 'content-type: application/json' \\`,
    `  -d ${quoted(JSON.stringify(report))}`,
  ].join('\n');
}

export function pythonSnippet(origin: string, project: string): string {
  return `import json
import os
import traceback

import requests

LOG_CENTER_URL = ${literal(`${origin}/api/v1/logs/report`)}


def report_error(error, context=None, level="ERROR"):
    """Reports an exception; never raises one itself."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    payload = {
        "project_id": ${literal(project)},
        "environment": os.environ.get("ENVIRONMENT", "development"),
        "level": level,
        "version": os.environ.get("APP_VERSION"),
        "error": {
            "type": type(error).__name__,
            "message": str(error),
            "file_path": last.filename if last else "unknown",
            "line_number": last.lineno if last else 0,
            "stack_trace": traceback.format_exception(type(error), error, error.__traceback__),
        },
        "context": context or {},
    }
    try:
        # default=str: a date or a number of another kind in the context must not stop the report.
        requests.post(LOG_CENTER_URL, data=json.dumps(payload, default=str), timeout=3)
    except requests.RequestException:
        pass
`;
}

export function javascriptSnippet(origin: string, project: string): string {
  return `const LOG_CENTER_URL = ${literal(`${origin}/api/v1/logs/report`)};

export function reportError(error, context = {}, level = 'ERROR') {
  const stack = String(error?.stack ?? '').split('\\n');
  // Chrome and Node: "at name (file:line:column)". Firefox and Safari: "name@file:line:column".
  const frame = /(?:\\(|@|at )([^()@]+):(\\d+):\\d+\\)?$/;
  const place = stack.map((line) => frame.exec(line)).find(Boolean);
  const payload = JSON.stringify({
    project_id: ${literal(project)},
    environment: location.hostname === 'localhost' ? 'development' : 'production',
    level,
    error: {
      type: error?.name ?? 'Error',
      message: String(error?.message ?? error),
      file_path: place ? place[1].replace(location.origin, '').split('?')[0] : 'unknown',
      line_number: place ? Number(place[2]) : 0,
      stack_trace: stack,
    },
    context: { url: location.href, userAgent: navigator.userAgent, ...context },
  });
  // A beacon survives the page being closed.
  if (!navigator.sendBeacon?.(LOG_CENTER_URL, payload)) {
    fetch(LOG_CENTER_URL, { method: 'POST', body: payload, keepalive: true }).catch(() => {});
  }
}

addEventListener('error', (event) => reportError(event.error ?? event));
addEventListener('unhandledrejection', (event) => reportError(event.reason));
`;
}
