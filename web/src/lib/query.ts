/** The search language as text: where its terms stand, and how a value is written. Pure. */

/** Every key, the ones that are asked for most first. */
export const KEYS = [
  'status',
  'is',
  'level',
  'project',
  'env',
  'version',
  'type',
  'file',
  'code',
  'user',
  'assignee',
  'request',
  'trace',
  'fingerprint',
  'count',
  'users',
  'seen',
  'first',
] as const;
export type QueryKey = (typeof KEYS)[number];

export interface Term {
  from: number;
  to: number;
  negated: boolean;
  /** Null for a word or a phrase. */
  key: QueryKey | null;
  /** Where the value begins; where the text begins when there is no key. */
  valueFrom: number;
}

function keyOf(text: string): QueryKey | null {
  const name = /^([a-z]+):/.exec(text)?.[1];
  return KEYS.find((key) => key === name) ?? null;
}

/** Where a term that begins here ends: at a blank outside of quotes. */
function endOf(text: string, from: number): number {
  let quoted = false;
  for (let at = from; at < text.length; at++) {
    const character = text[at] as string;
    if (character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && /\s/.test(character)) return at;
  }
  return text.length;
}

export function termsOf(text: string): Term[] {
  const terms: Term[] = [];
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text[at] as string)) {
      at++;
      continue;
    }
    const negated = /[!-]/.test(text[at] as string);
    const start = at + Number(negated);
    const key = keyOf(text.slice(start));
    // Only a key's value and a phrase hold blanks; a quote within a word is a character.
    const isPhrase = text[start] === '"';
    const blank = text.slice(at).search(/\s/);
    const to = key || isPhrase ? endOf(text, start) : blank < 0 ? text.length : at + blank;
    terms.push({
      from: at,
      to,
      negated: negated && (key !== null || isPhrase),
      key,
      valueFrom: key ? start + key.length + 1 : start,
    });
    at = to;
  }
  return terms;
}

/** What looks like a key and is none, each once: it is looked for as a word. */
export function unknownKeys(text: string): string[] {
  const names = termsOf(text).map(({ from, to, key }) => {
    // Nothing of an address, a name of C++ or a time of the day.
    const name = key ? null : /^[!-]?([a-z][a-z_.]*):(?![:/])./.exec(text.slice(from, to))?.[1];
    return name?.startsWith('context.') ? null : name;
  });
  return [...new Set(names.filter((name) => !!name))] as string[];
}

/** A value as it stands after a colon: in quotes only where something in it means more. */
export function written(value: string): string {
  if (value !== '' && !/[\s,"\\*]/.test(value)) return value;
  return `"${value.replace(/[\\"*]/g, '\\$&')}"`;
}

/** The query with one more term, or as it was when it says so already. */
export function withTerm(query: string, key: QueryKey, value: string, negated = false): string {
  const term = `${negated ? '!' : ''}${key}:${written(value)}`;
  const has = termsOf(query).some((one) => query.slice(one.from, one.to) === term);
  return has ? query : `${query.trim()} ${term}`.trim();
}

export interface Segment {
  text: string;
  kind: 'plain' | 'term' | 'fault';
}

/** The query in parts that are drawn alike. A fault at the end is a blank that can be seen. */
export function segmentsOf(query: string, faultFrom: number, faultLength: number): Segment[] {
  const faultTo = faultFrom < 0 ? faultFrom : faultFrom + faultLength;
  const terms = termsOf(query).filter((term) => term.key !== null);
  const cuts = new Set([0, query.length, ...terms.flatMap((term) => [term.from, term.to])]);
  if (faultFrom >= 0) cuts.add(faultFrom).add(faultTo);
  const edges = [...cuts].filter((at) => at <= query.length).sort((a, b) => a - b);
  const segments: Segment[] = [];
  for (let index = 1; index < edges.length; index++) {
    const [from, to] = [edges[index - 1] as number, edges[index] as number];
    const inTerm = terms.some((term) => term.from <= from && to <= term.to);
    const inFault = faultFrom >= 0 && faultFrom <= from && to <= faultTo;
    const kind = inFault ? 'fault' : inTerm ? 'term' : 'plain';
    segments.push({ text: query.slice(from, to), kind });
  }
  if (faultFrom >= query.length) segments.push({ text: '\u2003', kind: 'fault' });
  return segments;
}

/** Whether a search is one word that may be the id of a user, a request or a trace. */
export function looksLikeId(text: string): boolean {
  return /^[\w.@+-]{4,128}$/.test(text) && /\d|@/.test(text);
}
