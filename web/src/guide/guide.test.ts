/** The guide says the same in every language, and every link of it leads somewhere. */
import { describe, expect, test } from 'vitest';
import { LANGUAGES } from '../lib/phrase';
import { texts } from './texts';

const sources = import.meta.glob<string>('../../../docs/guide/*.md', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const files = import.meta.glob('../../../docs/guide/snippets/*', { query: '?raw' });
const snippets = Object.keys(files).map((path) => path.replace(/.*\//, ''));

function source(language: string): string {
  const text = Object.entries(sources).find(([path]) => path.endsWith(`/${language}.md`))?.[1];
  if (!text) throw new Error(`no guide in ${language}`);
  return text;
}

const all = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map((found) => found[1]);
const anchors = (text: string) => all(text, /<a id="([^"]*)">/g);
const links = (text: string) => all(text, /\]\(([^)]*)\)/g);
/** What everybody reads alike: code, fields, statuses, headings' depth. */
const shape = (text: string) => ({
  headings: all(text, /^(#+) /gm),
  anchors: anchors(text),
  snippets: all(text, /^\[[^\]]*\]\(snippets\/(.*)\)$/gm),
  blocks: all(text, /^```(\w+)\n[^]*?^```$/gm),
  rows: all(text, /^\| (`[^`]*`|\d[\d, 、]*) ?\|/gm).map((row) => row?.replace('、', ', ')),
  chips: all(text, /\]\(#([a-z-]+)\)/g).length,
});

describe.each(LANGUAGES)('the guide in %s', (language) => {
  const text = source(language);

  test('has the headings, snippets, tables and links of the English one', () => {
    expect(shape(text)).toEqual(shape(source('en')));
  });

  test('has the same blocks of code', () => {
    const block = /^```(?:sh|json|text)\n([^]*?)^```$/gm;
    expect(all(text, block)).toEqual(all(source('en'), block));
  });

  test('leads nowhere where nothing is', () => {
    const known = anchors(text);
    expect(new Set(known).size).toBe(known.length);
    const pages = ['http://localhost:8002/docs', 'http://localhost:8002/issues'];
    for (const link of links(text)) {
      const [, anchor] = /^#(.*)/.exec(link ?? '') ?? [];
      const [, snippet] = /^snippets\/(.*)/.exec(link ?? '') ?? [];
      if (anchor) expect(known).toContain(anchor);
      else if (snippet) expect(snippets).toContain(snippet);
      else expect([...pages, ...LANGUAGES.map((name) => `${name}.md`)]).toContain(link);
    }
  });

  test('shows every snippet', () => {
    expect(new Set(shape(text).snippets)).toEqual(new Set(snippets));
  });

  test('is a component with a heading for each of its anchors', async () => {
    const { headings } = await texts[language]();
    expect(headings.map(({ id }) => id)).toEqual(anchors(text));
    for (const { text: title } of headings) expect(title).toMatch(/^[^<>{}`]+$/);
  });
});
