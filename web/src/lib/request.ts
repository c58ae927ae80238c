/** The failing request, read out of an event's context. Pure. */
import type { Context, Json } from './types';

export interface FailedRequest {
  method: string;
  url: string;
  status: string;
  headers: [string, string][];
  query: Json | undefined;
  params: Json | undefined;
  body: Json | undefined;
  /** A page in a browser, which asked nobody for anything: its address is all there is. */
  isPage: boolean;
}

/** Members that the request table shows; the context tree leaves them out. */
export const REQUEST_MEMBERS = [
  'url',
  'method',
  'status',
  'headers',
  'query',
  'params',
  'body',
  'request',
] as const;

function isObject(value: Json | undefined): value is Context {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function plain(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function headerList(value: Json | undefined): [string, string][] {
  if (Array.isArray(value)) {
    return value.flatMap((pair): [string, string][] =>
      Array.isArray(pair) && pair.length === 2 ? [[plain(pair[0]), plain(pair[1])]] : [],
    );
  }
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, text]): [string, string][] =>
    Array.isArray(text) ? text.map((one) => [name, plain(one)]) : [[name, plain(text)]],
  );
}

/** Members of the context itself go before the same ones nested in `request`. */
export function requestOf(context: Context | null): FailedRequest | null {
  if (!context) return null;
  const nested = isObject(context.request) ? context.request : {};
  const member = (name: string): Json | undefined => context[name] ?? nested[name];
  const url = plain(member('url') ?? member('request_path') ?? member('path'));
  const method = plain(member('method'));
  if (!url && !method) return null;
  const status = plain(member('status'));
  return {
    method: method.toUpperCase() || 'GET',
    url,
    status,
    headers: headerList(member('headers')),
    query: member('query') ?? member('query_string') ?? undefined,
    params: member('params') ?? undefined,
    body: member('body') ?? member('data') ?? undefined,
    isPage: !method && !status && typeof member('userAgent') === 'string',
  };
}

/** The first value of a header, whatever the case of its name. */
export function headerOf(request: FailedRequest | null, name: string): string {
  return request?.headers.find(([one]) => one.toLowerCase() === name)?.[1] ?? '';
}

/** The query as name and value pairs, whatever form it was sent in. */
export function pairsOf(value: Json | undefined): [string, string][] {
  if (typeof value === 'string') return [...new URLSearchParams(value)];
  if (Array.isArray(value)) return headerList(value);
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, one]): [string, string][] =>
    Array.isArray(one) ? one.map((item) => [name, plain(item)]) : [[name, plain(one)]],
  );
}
