/** What may be typed next in the search box. Pure. */
import { KEYS, termsOf, written, type QueryKey } from './query';
import { LEVELS, STATUSES } from './types';

/** What is known of the server's data, by key. */
export type Known = Partial<Record<QueryKey, readonly string[]>>;

export interface Choice {
  /** What stands in the list. */
  label: string;
  /** What is put in place of the text between `from` and `to`. */
  insert: string;
  kind: 'key' | 'value';
  key: QueryKey;
}

export interface Completion {
  from: number;
  to: number;
  choices: Choice[];
}

const CHOICES_MAX = 12;

/** Values that are the same on every server. */
const FIXED: Known = {
  status: STATUSES,
  level: LEVELS,
  is: ['regressed', 'rising', 'mine', 'muted'],
  count: ['>10', '>100', '>1000', '1'],
  users: ['>1', '>10', '>100'],
  seen: ['<1h', '<24h', '<7d', '>7d', '>30d'],
  first: ['<1h', '<24h', '<7d', '>30d'],
};

const NONE: Completion = { from: 0, to: 0, choices: [] };

/** Those that begin so go before those that hold it; the given order stays otherwise. */
function matching(values: readonly string[], typed: string): string[] {
  const wanted = typed.toLowerCase();
  const begins = values.filter((value) => value.toLowerCase().startsWith(wanted));
  const holds = values.filter(
    (value) => !value.toLowerCase().startsWith(wanted) && value.toLowerCase().includes(wanted),
  );
  return [...begins, ...holds].slice(0, CHOICES_MAX);
}

function values(
  text: string,
  caret: number,
  key: QueryKey,
  valueFrom: number,
  known: Known,
): Completion {
  const before = text.slice(valueFrom, caret);
  // A comma begins another value of the same key; one inside quotes does not.
  const last = /(?:^|,)("(?:[^"\\]|\\.)*"?|[^,"]*)$/.exec(before)?.[1] ?? before;
  const from = caret - last.length;
  const rest = /^[^\s,]*/.exec(text.slice(caret))?.[0] ?? '';
  const typed = last.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1');
  const taken = before.slice(0, before.length - last.length).split(',');
  const all = [...(known[key] ?? FIXED[key] ?? [])].filter((one) => !taken.includes(written(one)));
  const plain = ['count', 'users', 'seen', 'first'].includes(key);
  const choices = matching(all, typed)
    .filter((value) => value !== typed || rest !== '')
    .map((value): Choice => ({
      label: value,
      insert: plain ? value : written(value),
      kind: 'value',
      key,
    }));
  return { from, to: caret + rest.length, choices };
}

/** The choices at the caret; without anything typed, the keys. */
export function completionAt(text: string, caret: number, known: Known): Completion {
  const term = termsOf(text).find((one) => one.from <= caret && caret <= one.to);
  if (term?.key && caret >= term.valueFrom) {
    return values(text, caret, term.key, term.valueFrom, known);
  }
  const from = term ? term.from + Number(/^[!-]/.test(text.slice(term.from))) : caret;
  if (caret < from) return NONE;
  const typed = text.slice(from, caret);
  if (!/^[a-z]*$/i.test(typed)) return NONE;
  const keys = KEYS.filter((key) => key.startsWith(typed.toLowerCase()));
  const to = term && term.to > caret && text[term.to - 1] === ':' ? term.to : caret;
  const choices = keys.map((key): Choice => ({
    label: `${key}:`,
    insert: `${key}:`,
    kind: 'key',
    key,
  }));
  // A key that stands whole before its colon needs no choice.
  return { from, to, choices: typed && text[caret] === ':' ? [] : choices };
}

/** The text with a choice put in, and where the caret goes: after a value a blank follows. */
export function completed(
  text: string,
  { from, to }: Pick<Completion, 'from' | 'to'>,
  choice: Choice,
): { text: string; caret: number } {
  const after = text.slice(to);
  const gap = choice.kind === 'value' && !/^[\s,]/.test(after) ? ' ' : '';
  const head = text.slice(0, from) + choice.insert + gap;
  return { text: head + after, caret: head.length };
}
