/**
 * Puts the reader's own address and project into a snippet. Projects' names come from reports, so
 * they go in as what a literal of that language can hold and never as code. Pure.
 */

/** How a piece is coloured: comment, string, keyword, number, or not at all. */
export type Piece = [kind: 'c' | 's' | 'k' | 'n' | '', text: string];

/** What `FILE?snippet` gives; made when the page is built. */
export interface Snippet {
  name: string;
  /** The ending of the file's name. */
  language: string;
  pieces: Piece[];
}

export interface Reader {
  /** `location.origin` */
  url: string;
  project: string;
  /** Reports need a key here: the place for it is shown. */
  withKey?: boolean;
}

const RESERVED = ['.', '..', '0', 'v1', 'embed', 'store', 'canonical', 'relay'];
/** What stands for the reader's address and project in every snippet. */
export const PLACES = /http:\/\/localhost:8002|my_project/g;

// Invisible, or the end of a line to some language.
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;
const LONE_SURROGATE = /[\ud800-\udfff]/gu;

const hex = (character: string, digits: number) =>
  character.charCodeAt(0).toString(16).padStart(digits, '0');

/** `\u2028` and the like, as JavaScript, TypeScript, Python, Go, JSON and Java read it. */
const escape16 = (character: string) => `\\u${hex(character, 4)}`;
/** The same as PHP and Ruby read it between double quotes. */
const escapeBraced = (character: string) => `\\u{${hex(character, 1)}}`;

/** The same as HTML reads it in a value. */
const reference = (character: string) => `&#${character.charCodeAt(0)};`;

/** Which characters need a backslash between these quotes. */
function backslashed(text: string, quote: string, more = ''): string {
  let result = '';
  for (const character of text) {
    if (character === '\\' || character === quote || more.includes(character)) result += '\\';
    result += character;
  }
  return result;
}

/** The inside of a literal whose opening quote is known. */
function literal(language: string, quote: string, text: string): string {
  switch (language) {
    case 'js':
    case 'mjs':
    case 'ts':
    case 'tsx': {
      const inner = backslashed(text, quote, quote === '`' ? '$' : '');
      // So that the snippet may stand in a page's own script element.
      return inner.replace(UNPRINTABLE, escape16).replace(/<(?=[/!])/g, '\\x3c');
    }
    case 'php':
      if (quote === "'") return backslashed(text, quote);
      return backslashed(text, quote, '$').replace(UNPRINTABLE, escapeBraced);
    case 'rb':
      if (quote === "'") return backslashed(text, quote);
      return backslashed(text, quote, '#').replace(UNPRINTABLE, escapeBraced);
    case 'java':
      // Java reads \uXXXX before anything else, so that \u000a would end the line.
      return backslashed(text, quote).replace(UNPRINTABLE, (character) =>
        character.charCodeAt(0) > 0xff
          ? escape16(character)
          : `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`,
      );
    case 'html':
      return text.replace(/[&<>"']/g, reference).replace(UNPRINTABLE, reference);
    default:
      return backslashed(text, quote).replace(UNPRINTABLE, escape16);
  }
}

type Quoting = 'bare' | 'single' | 'double' | 'comment' | 'document' | 'raw document';

const DOCUMENT = /<<-?[ \t]*(['"]?)(\w+)\1/y;

/** How a shell quotes what stands at a place of a script. */
export function quotingAt(script: string, place: number): Quoting {
  let state: Quoting = 'bare';
  let document: { end: string; quoting: Quoting } | null = null;
  for (let at = 0; at < place; at += 1) {
    const character = script[at] as string;
    if (document && character === '\n') {
      // Its text reaches to a line that is the word alone.
      const end = script.indexOf(`\n${document.end}\n`, at);
      if (end < 0 || place < end) return document.quoting;
      at = end + document.end.length;
      document = null;
    } else if (state === 'comment') {
      if (character === '\n') state = 'bare';
    } else if (state === 'single') {
      if (character === "'") state = 'bare';
    } else if (character === '\\') at += 1;
    else if (character === '"') state = state === 'double' ? 'bare' : 'double';
    else if (state === 'double') continue;
    else if (character === "'") state = 'single';
    else if (character === '#' && /^$|\s/.test(script[at - 1] ?? '')) state = 'comment';
    else if (character === '<') {
      DOCUMENT.lastIndex = at;
      const [whole, quote, end] = DOCUMENT.exec(script) ?? [];
      if (!whole || !end) continue;
      document = { end, quoting: quote ? 'raw document' : 'document' };
      at += whole.length - 1;
    }
  }
  return state;
}

/** One word, or a part of one, of a POSIX shell. */
function shellText(quoting: Quoting, text: string): string {
  if (quoting === 'single') return text.replace(/'/g, `'\\''`);
  if (quoting === 'double') return text.replace(/[\\"$`]/g, '\\$&');
  if (quoting === 'document') return text.replace(/[\\$`]/g, '\\$&');
  if (quoting === 'raw document') return text;
  if (quoting === 'comment') return text.replace(UNPRINTABLE, '');
  return /^[\w@%+=:,./-]*$/.test(text) ? text : `'${text.replace(/'/g, `'\\''`)}'`;
}

/** A part of a path or query. */
function addressPart(text: string): string {
  const bytes = (one: string) => `%${hex(one, 2)}`;
  return encodeURIComponent(text).replace(/[!'()*]/g, bytes);
}

/** What goes in at a place of the whole text. */
function filling(language: string, all: string, place: number, value: string): string {
  const before = all[place - 1] ?? '';
  const inAddress = /\/$|[?&]\w+=$/.test(all.slice(Math.max(0, place - 40), place));
  const text = inAddress ? addressPart(value) : value;
  if (language === 'sh') {
    const quoting = quotingAt(all, place);
    // JSON inside of a shell's word or document.
    const inJson = before === '"' && quoting !== 'double';
    return shellText(quoting, inJson ? literal('json', '"', text) : text);
  }
  return /["'`]/.test(before) ? literal(language, before, text) : text.replace(UNPRINTABLE, '');
}

/** Before what a key stands, and how, in the languages whose snippets have room for one. */
const KEYS: Record<string, [before: string, text: string]> = {
  sh: ["-H 'Content-Type", "-H 'X-Log-Center-Key: YOUR_KEY' \\\n  "],
  html: ['data-project', 'data-key="YOUR_KEY" '],
};

/** The pieces with the place for a key, where the snippet has one. */
function keyed(snippet: Snippet): Piece[] {
  const [before, key] = KEYS[snippet.language] ?? [];
  const all = snippet.pieces.map(([, text]) => text).join('');
  let at = before ? all.indexOf(before) : -1;
  if (at < 0 || !key) return snippet.pieces;
  return snippet.pieces.flatMap(([kind, text]): Piece[] => {
    const here = at;
    at -= text.length;
    if (here < 0 || here >= text.length) return [[kind, text]];
    return [[kind, text.slice(0, here)], ['s', key], [kind, text.slice(here)]];
  });
}

/** The pieces of a snippet with the reader's address and project in place. */
export function filled(snippet: Snippet, reader: Reader): Piece[] {
  const pieces = reader.withKey ? keyed(snippet) : snippet.pieces;
  const all = pieces.map(([, text]) => text).join('');
  const project = reader.project.replace(LONE_SURROGATE, '\ufffd');
  let begin = 0;
  return pieces.map(([kind, text]) => {
    const from = begin;
    begin += text.length;
    const put = text.replace(PLACES, (found, at: number) => {
      const value = found === 'my_project' ? project : reader.url;
      return filling(snippet.language, all, from + at, value);
    });
    return [kind, put];
  });
}

/** Whether the server takes reports of a project of this name. */
export function isProject(name: string): boolean {
  const length = [...name].length;
  // eslint-disable-next-line no-control-regex
  const allowed = !/[/\\?#%\u0000-\u001f\u007f-\u009f]/.test(name);
  return length >= 1 && length <= 64 && allowed && !RESERVED.includes(name);
}
