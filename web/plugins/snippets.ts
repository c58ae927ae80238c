/**
 * Snippets of the guide at build time: `import x from 'FILE?snippet'` gives the file's text in
 * coloured pieces, so that no highlighter is shipped. Its one invariant: the pieces joined are the
 * text, and what the page fills in (`PLACES`) never lies across two pieces.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import Prism, { type Token } from 'prismjs';
import type { Plugin } from 'vite';
import { PLACES, type Piece, type Snippet } from '../src/lib/fill.ts';

// They add themselves to Prism, each after those that it is built upon.
for (const name of ['bash', 'python', 'typescript', 'jsx', 'tsx', 'go', 'java', 'json']) {
  await import(`prismjs/components/prism-${name}.js`);
}
for (const name of ['markup-templating', 'php', 'ruby']) {
  await import(`prismjs/components/prism-${name}.js`);
}

/** The file's ending and the grammar that reads it. */
const GRAMMARS: Record<string, string> = {
  sh: 'bash',
  py: 'python',
  js: 'javascript',
  mjs: 'javascript',
  ts: 'typescript',
  tsx: 'tsx',
  go: 'go',
  java: 'java',
  php: 'php',
  rb: 'ruby',
  json: 'json',
  html: 'markup',
};

type Kind = Piece[0];

const KINDS: Record<string, Kind> = {
  comment: 'c',
  shebang: 'c',
  string: 's',
  'template-string': 's',
  'triple-quoted-string': 's',
  'string-literal': 's',
  'heredoc-string': 's',
  char: 's',
  regex: 's',
  property: 's',
  'attr-value': 's',
  tag: '',
  keyword: 'k',
  boolean: 'k',
  constant: 'n',
  number: 'n',
};

function kindOf(token: Token): Kind {
  const aliases = typeof token.alias === 'string' ? [token.alias] : (token.alias ?? []);
  return [token.type, ...aliases].map((name) => KINDS[name]).find((kind) => kind) ?? '';
}

/** The text of a tree of tokens in order; what has no colour of its own has that around it. */
function flat(content: Token['content'], kind: Kind, into: Piece[]): Piece[] {
  if (typeof content === 'string') into.push([kind, content]);
  else if (!Array.isArray(content)) flat(content.content, kindOf(content) || kind, into);
  else for (const part of content) flat(part, kind, into);
  return into;
}

/** Joins neighbours of one colour, and those that only together hold what is filled in. */
function joined(pieces: Piece[]): Piece[] {
  const text = pieces.map(([, part]) => part).join('');
  const closed = new Set<number>();
  for (const { 0: found, index } of text.matchAll(PLACES)) {
    for (let inside = 1; inside < found.length; inside += 1) closed.add(index + inside);
  }
  const result: Piece[] = [];
  let at = 0;
  for (const [kind, part] of pieces) {
    const last = result.at(-1);
    const white = part.trim() === '';
    if (last && (last[0] === kind || white || closed.has(at))) last[1] += part;
    else if (part !== '') result.push([kind, part]);
    at += part.length;
  }
  return result;
}

export function snippetOf(name: string, language: string, text: string): Snippet {
  const grammar = Prism.languages[GRAMMARS[language] ?? ''];
  const tokens = grammar ? Prism.tokenize(text, grammar) : text;
  return { name, language, pieces: joined(flat(tokens, '', [])) };
}

/** The snippet in a file. */
export function snippetFile(path: string): Snippet {
  const text = readFileSync(path, 'utf8').replace(/\s+$/, '');
  return snippetOf(basename(path), path.slice(path.lastIndexOf('.') + 1), text);
}

export function snippets(): Plugin {
  const suffix = '?snippet';
  return {
    name: 'snippets',
    enforce: 'pre',
    load(id) {
      if (!id.endsWith(suffix)) return null;
      const path = id.slice(0, -suffix.length);
      this.addWatchFile(path);
      const code = `export default ${JSON.stringify(snippetFile(path))};`;
      return { code, moduleType: 'js', map: null };
    },
  };
}
