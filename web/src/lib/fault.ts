/** Where a search query could not be read, out of the server's refusal. Pure. */
import type { Json } from './types';

export interface Fault {
  message: string;
  before: string;
  /** The character at fault; empty when it is the end. */
  at: string;
  after: string;
}

function positionIn(value: Json | undefined): number | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  for (const name of ['position', 'offset', 'at']) {
    const number = value[name];
    if (typeof number === 'number' && number >= 0) return Math.floor(number);
  }
  return null;
}

/** Null when the refusal is not about the query. */
export function faultOf(
  refusal: { code: string; message: string; info: Record<string, Json> },
  query: string,
): Fault | null {
  if (refusal.code !== 'ValidationError' || query === '') return null;
  const errors = Array.isArray(refusal.info.errors) ? refusal.info.errors : [];
  const own = errors.find(
    (one) => typeof one === 'object' && one !== null && !Array.isArray(one) && one.field === 'q',
  );
  if (!own && positionIn(refusal.info) === null) return null;
  const said = own && typeof own === 'object' && !Array.isArray(own) ? own.message : undefined;
  const message = typeof said === 'string' ? said : refusal.message;
  // Characters, not UTF-16 units: the server counts the way people do.
  const characters = [...query];
  const position = positionIn(own) ?? positionIn(refusal.info) ?? characters.length;
  return {
    message,
    before: characters.slice(0, position).join(''),
    at: characters[position] ?? '',
    after: characters.slice(position + 1).join(''),
  };
}
