/** What the server refuses of a form, by the field that it is about. Pure. */
import type { Values } from './phrase';
import type { Json } from './types';
import type { Key } from './words/en';

export type Faults = Record<string, string>;

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Fields named by the refusal; none when it is about something else too, which a form that does
 * not show it has to tell as a whole.
 */
export function faultsIn(
  refusal: { status: number; info: Record<string, Json> },
  t: (key: Key, values?: Values) => string,
  shown: readonly string[],
): Faults {
  const faults: Faults = {};
  if (refusal.status === 409 && refusal.info.field === 'name') faults.name = t('need.nameTaken');
  const errors = Array.isArray(refusal.info.errors) ? refusal.info.errors : [];
  for (const one of errors) {
    if (!isObject(one)) continue;
    if (typeof one.field !== 'string' || typeof one.message !== 'string') continue;
    // A fault inside a member is shown at the member.
    const field = one.field.split(/[.[]/)[0] ?? one.field;
    faults[field] ??= one.message === 'is missing' ? t('need.text') : one.message;
  }
  return Object.keys(faults).every((field) => shown.includes(field)) ? faults : {};
}
