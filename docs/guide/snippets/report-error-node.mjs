// Save as report-error-node.mjs beside your code and import it first of all:
//   import { reportError } from './report-error-node.mjs';
import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const LOG_CENTER_URL = process.env.LOG_CENTER_URL || 'http://localhost:8002';
const PROJECT = 'my_project';

const reported = new WeakSet();
let sending = 0;

/** Reports an error; never rejects. The third argument sets fields of the report. */
export async function reportError(error, context = {}, { level = 'ERROR', ...known } = {}) {
  // What is more than 100 at once is dropped.
  if (reported.has(error) || sending >= 100) return;
  if (Object(error) === error) reported.add(error);
  sending += 1;
  try {
    const name = error?.name ?? 'NonError';
    const report = {
      project_id: PROJECT,
      environment: process.env.ENVIRONMENT || 'development',
      version: process.env.APP_VERSION,
      level,
      error: {
        type: name === 'Error' ? (error.constructor?.name ?? name) : name,
        message: String(error?.message ?? toJson(error)).slice(0, 8000),
        ...place(String(error?.stack ?? '')),
        stack_trace: String(error?.stack ?? '').split('\n'),
        ...known,
      },
    };
    await fetch(`${LOG_CENTER_URL}/api/v1/logs/report`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: toJson({ ...report, context }) ?? toJson(report),
      signal: AbortSignal.timeout(3000),
    });
  } catch {
    // The application comes first.
  } finally {
    sending -= 1;
  }
}

/** The innermost frame of your own code, relative to the folder the program was started in. */
function place(stack) {
  const pattern = /^\s+at (?:.*? \(|async )?(.+?):(\d+):\d+\)?$/;
  const frames = stack.split('\n').map((frame) => pattern.exec(frame) ?? []);
  const library = /node_modules|^node:|^<anonymous>|log-center-\w+\.js$/;
  const [, file = 'unknown', line = 0] =
    frames.find(([, own]) => own && !library.test(own)) ?? frames.find(([, any]) => any) ?? [];
  const path = file.startsWith('file:') ? fileURLToPath(file) : file;
  const file_path = isAbsolute(path) ? relative(process.cwd(), path).split(sep).join('/') : path;
  return { file_path, line_number: Number(line) };
}

/** JSON whatever the value; undefined when it cannot even be read. */
function toJson(value) {
  const seen = new WeakSet();
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

// Unhandled rejections come here too, as long as nobody listens for unhandledRejection.
process.on('uncaughtException', async (error, origin) => {
  console.error(error);
  await reportError(error, { origin }, { level: 'CRITICAL' });
  // The program ends as it would have without this listener.
  if (process.listenerCount('uncaughtException') === 1) process.exit(1);
});
