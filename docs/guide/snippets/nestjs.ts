// Save as src/log-center.filter.ts, and add it to the providers of AppModule (HTTP and GraphQL):
//   { provide: APP_FILTER, useClass: LogCenterFilter }
import { randomUUID } from 'node:crypto';
import { relative, sep } from 'node:path';
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
export async function reportError(error: unknown, context: object = {}, level = 'ERROR') {
  const { name, message, stack, constructor } = Object(error);
  const isError = error instanceof Error;
  if (isError && reported.has(error)) return;
  if (isError) reported.add(error);
  if (sending >= 100) return; // what is more than this at once is dropped
  sending += 1;
  try {
    const report = {
      project_id: PROJECT,
      environment: process.env.ENVIRONMENT || 'development',
      version: process.env.APP_VERSION,
      level,
      error: {
        type: isError ? (name === 'Error' ? constructor.name : name) : 'NonError',
        message: String(message ?? toJson(error)).slice(0, 8000),
        ...place(String(stack ?? '')),
        stack_trace: String(stack ?? '').split('\n'),
      },
      context,
    };
    await fetch(`${LOG_CENTER_URL}/api/v1/logs/report`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: toJson(report),
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
  for (const line of stack.split('\n')) {
    const [, path, number] = /^\s+at (?:.*? \(|async )?(.+?):(\d+):\d+\)?$/.exec(line) ?? [];
    if (path && !/node_modules|^node:|^<anonymous>/.test(path)) {
      const file = path.startsWith('file:') ? fileURLToPath(path) : path;
      const file_path = relative(process.cwd(), file).split(sep).join('/');
      return { file_path, line_number: Number(number) };
    }
  }
  return { file_path: 'unknown', line_number: 0 };
}

function toJson(value: unknown): string {
  const seen = new WeakSet<object>();
  return JSON.stringify(value, (_key, inner) => {
    if (typeof inner === 'bigint' || inner instanceof Error) return String(inner);
    if (Object(inner) !== inner) return inner;
    if (seen.has(inner)) return '[seen above]';
    seen.add(inner);
    return inner;
  });
}
