// Save as src/log-center.filter.ts, and add it to the providers of AppModule (HTTP and GraphQL):
//   { provide: APP_FILTER, useClass: LogCenterFilter }
import { randomUUID } from 'node:crypto';
import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ArgumentsHost, Catch } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';

const LOG_CENTER_URL = process.env.LOG_CENTER_URL || 'http://localhost:8002';
const PROJECT = 'my_project';

const reported = new WeakSet<object>();
let sending = 0;

@Catch()
export class LogCenterFilter extends BaseExceptionFilter {
  // Not async: Nest takes a promise for an answer.
  override catch(exception: unknown, host: ArgumentsHost): unknown {
    const { getStatus, statusCode } = Object(exception);
    const status = typeof getStatus === 'function' ? getStatus.call(exception) : statusCode;
    const isHttp = host.getType() === 'http';
    if ((status ?? 500) >= 500) {
      void reportError(exception, isHttp ? requestContext(host) : { view: host.getType() });
    }
    return isHttp ? super.catch(exception, host) : exception;
  }
}

function requestContext(host: ArgumentsHost): Record<string, unknown> {
  const request = host.switchToHttp().getRequest();
  return {
    url: request.originalUrl ?? request.url,
    method: request.method,
    params: request.params,
    query: request.query,
    user_id: request.user?.id,
    request_id: request.headers['x-request-id'] || randomUUID(),
  };
}

/** Reports an error. The promise never rejects, and nobody has to wait for it. */
export async function reportError(error: unknown, context: object = {}, { level = 'ERROR' } = {}) {
  // What is more than 100 at once is dropped.
  if (reported.has(error as object) || sending >= 100) return;
  if (Object(error) === error) reported.add(error as object);
  sending += 1;
  try {
    const { name, message, stack, constructor } = Object(error);
    const report = {
      project_id: PROJECT,
      environment: process.env.ENVIRONMENT || 'development',
      version: process.env.APP_VERSION,
      level,
      error: {
        type: name === 'Error' ? constructor.name : (name ?? 'NonError'),
        message: String(message ?? toJson(error)).slice(0, 8000),
        ...place(String(stack ?? '')),
        stack_trace: String(stack ?? '').split('\n'),
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
function place(stack: string) {
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
