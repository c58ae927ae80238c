/** Where a search query could not be read, out of the server's refusal. Pure. */
import type { Values } from './phrase';
import type { Json } from './types';
import type { Key } from './words/en';

export interface Fault {
  message: string;
  before: string;
  /** The text at fault, up to the next blank or comma; empty when it is the end. */
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
  const rest = characters.slice(position).join('');
  // A quote without a second one takes all that follows.
  const at = rest.startsWith('"') ? rest : (/^[^\s,]*/.exec(rest)?.[0] ?? '');
  return {
    message,
    before: characters.slice(0, position).join(''),
    at,
    after: rest.slice(at.length),
  };
}

/** The server's sentences, of which the dashboard has its own; the rest is shown as it came. */
const SENTENCES: readonly [RegExp, Key][] = [
  [/^expected (?:one of )?(?<list>[a-zA-Z_]+,.+), got "(?<got>.*)"$/, 'fault.oneOf'],
  [/^expected a whole number.*, got "(?<got>.*)"$/, 'fault.number'],
  [/^expected a time.*, got "(?<got>.*)"$/, 'fault.time'],
  [/^expected 12 to 32 hex digits, got "(?<got>.*)"$/, 'fault.hex'],
  [/^expected < or > before/, 'fault.sign'],
  [/^expected a value$/, 'fault.value'],
  [/^expected a blank or a comma/, 'fault.after'],
  [/^this quote has no second one/, 'fault.quote'],
  [/^a query has at most/, 'fault.long'],
  [/^the context is searched in events only/, 'fault.context'],
];

export function faultSentence(
  fault: Pick<Fault, 'message'>,
  t: (key: Key, values?: Values) => string,
): string {
  for (const [pattern, key] of SENTENCES) {
    const match = pattern.exec(fault.message);
    if (match) return t(key, { ...match.groups }) || fault.message;
  }
  return fault.message;
}
