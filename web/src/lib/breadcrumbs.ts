/** Breadcrumbs in the forms that clients send: a list, or Sentry's `{values: […]}`. Pure. */
import { plain } from './request';
import type { Context, Json } from './types';

export interface Breadcrumb {
  at: string | null;
  clock: string;
  kind: string;
  level: string;
  text: string;
}

function isObject(value: Json | undefined): value is Context {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function instant(value: Json | undefined): Date | null {
  if (typeof value === 'string') {
    const date = new Date(value);
    return Number.isNaN(date.getTime()) ? null : date;
  }
  if (typeof value !== 'number') return null;
  // Seconds or milliseconds: no breadcrumb is from before 1973.
  const date = new Date(value > 1e11 ? value : value * 1000);
  return Number.isNaN(date.getTime()) ? null : date;
}

export function breadcrumbsOf(value: Json): Breadcrumb[] {
  const list = Array.isArray(value) ? value : isObject(value) ? value.values : undefined;
  if (!Array.isArray(list)) return [];
  return list.map((item): Breadcrumb => {
    if (!isObject(item)) return { at: null, clock: '', kind: '', level: '', text: plain(item) };
    const date = instant(item.timestamp ?? item.time ?? item.at);
    const data = isObject(item.data) && Object.keys(item.data).length > 0 ? plain(item.data) : '';
    return {
      at: date?.toISOString() ?? null,
      clock: date?.toISOString().slice(11, 23) ?? '',
      kind: plain(item.category ?? item.type),
      level: plain(item.level).toLowerCase().replace(/[^a-z]/g, ''),
      text: [plain(item.message), data].filter(Boolean).join(' '),
    };
  });
}
