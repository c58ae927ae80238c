/** Searching in the context of an event. Pure. */
import type { Json } from './types';

/** The parts of a value that a text is in, by key or by value; what holds them stays. */
export function pruned(value: Json, typed: string): Json | undefined {
  const wanted = typed.trim().toLowerCase();
  if (wanted === '') return value;
  if (typeof value !== 'object' || value === null) {
    return String(value).toLowerCase().includes(wanted) ? value : undefined;
  }
  const kept: { [key: string]: Json } = {};
  let found = false;
  for (const [key, child] of Object.entries(value)) {
    // A key that fits keeps all that is under it.
    const part = key.toLowerCase().includes(wanted) ? child : pruned(child, wanted);
    if (part === undefined) continue;
    found = true;
    // A plain object would take `__proto__` for more than a name.
    Object.defineProperty(kept, key, { value: part, enumerable: true, configurable: true });
  }
  return found ? kept : undefined;
}

/** How many values there are, up to a number that is enough to offer a search. */
export function sizeOf(value: Json, max: number): number {
  if (typeof value !== 'object' || value === null) return 1;
  let size = 0;
  for (const child of Object.values(value)) {
    size += sizeOf(child, max);
    if (size >= max) return max;
  }
  return size;
}
