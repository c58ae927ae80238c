// Axios, on servers and in pages: requests carry the request id, and what fails for the other
// side's reasons is reported. 4xx answers are not: the caller did something
// wrong, and its code knows.

import { currentClient } from './api.js';
import { HEADER, isPropagated } from './outgoing.js';
import { stackLines, blame } from './stack.js';
import { currentScope } from './state.js';

interface Config {
  url?: string | undefined;
  baseURL?: string | undefined;
  headers?: unknown;
}
interface Failure {
  isAxiosError?: boolean;
  config?: Config;
  response?: { status?: number };
}
/* Axios' own types differ between its versions in what we do not use. */
export interface AxiosLike {
  interceptors: {
    request: { use: (...args: any[]) => unknown };
    response: { use: (...args: any[]) => unknown };
  };
}

/** The request of each configuration: where in the program it began, and its id. */
const begun = new WeakMap<object, { from: Error; id: string | undefined }>();

const addressOf = ({ baseURL = '', url = '' }: Config): string =>
  /^[a-z][\w+.-]*:\/\//i.test(url) || !baseURL ? url : `${baseURL}/${url}`;

/** Watches an instance, or axios itself. The caller still gets every error. */
export function watchAxios<T extends AxiosLike>(instance: T): T {
  instance.interceptors.request.use(begin, undefined, { synchronous: true });
  instance.interceptors.response.use(undefined, (error: unknown) => {
    try {
      failed(error as Failure);
    } catch {
      // The caller's own error is what counts.
    }
    return Promise.reject(error);
  });
  return instance;
}

function begin(config: Config): Config {
  try {
    let id: string | undefined;
    const client = currentClient();
    if (client && isPropagated(addressOf(config))) {
      const headers = config.headers as {
        has?: (name: string) => boolean;
        get?: (name: string) => unknown;
        set?: (name: string, value: string) => void;
      };
      id = currentScope().id ?? client.platform.newId();
      if (headers?.has?.(HEADER)) id = String(headers.get?.(HEADER));
      else headers?.set?.(HEADER, id);
    }
    begun.set(config, { from: new Error('request'), id });
  } catch {
    // The request goes out as it is.
  }
  return config;
}

function failed(error: Failure): void {
  const client = currentClient();
  const { config, response } = error;
  if (!client || !config || !error.isAxiosError) return;
  if (response?.status !== undefined && response.status < 500) return;
  if (addressOf(config).startsWith(client.settings.url) || !client.isReported(error)) return;
  const start = begun.get(config);
  const { settings } = client;
  const place = start && blame([stackLines(start.from)], settings, true);
  const context = start?.id ? { request_id: start.id } : {};
  // In one file with the program, axios' frames look like the program's.
  const isBundled = place?.file === blame([stackLines(error)], settings, false)?.file;
  client.capture(error, { context, place: isBundled ? undefined : place, isPlaceSure: true });
}
