/**
 * The guide at build time: a Markdown file of `docs/guide` becomes a component, so that no Markdown
 * parser is shipped, and the English one also a plain file for programs. A paragraph that is only a
 * link to a file in `snippets/` becomes that file's code.
 */
import { readFileSync } from 'node:fs';
import { Marked, type Token, type Tokens } from 'marked';
import type { PreprocessorGroup } from 'svelte/compiler';
import type { Plugin } from 'vite';
import { snippetOf, type Snippet } from './snippets.ts';

/** The address that the texts name; a link to it is one to this very server. */
const HERE = /^http:\/\/localhost:8002(?=\/|$)/;
const SNIPPET = /^snippets\/([\w.-]+)$/;
const LANGUAGE = /^(en|zh-CN|ru)\.md$/;
const ARRIVAL = '<!-- arrival -->';
/** Chinese has no spaces, so that the end of a line within a paragraph is nothing at all. */
const CHINESE_BREAK =
  /(?<=[\u3000-\u9fff\uff00-\uffef])\n(?=[\u3000-\u9fff\uff00-\uffef`A-Za-z])/g;
const ANCHOR = /^<a id="([a-z-]+)"><\/a>/;

interface Heading {
  id: string;
  depth: number;
  text: string;
}

/** Text as a component's markup holds it; Svelte would take the braces for code. */
function escaped(plain: string): string {
  return plain.replace(/[&<>{}]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The only link of a paragraph, or all of them when there is nothing but links. */
function onlyLinks(tokens: Token[]): Tokens.Link[] {
  const seen = tokens.filter((token) => token.raw.trim() !== '');
  return seen.every((token) => token.type === 'link') ? (seen as Tokens.Link[]) : [];
}

function address(href: string): string {
  const moved = href.replace(HERE, '');
  return moved === '' ? '/' : moved;
}

/** One text on its way to a component, with what the component has to bring in. */
class Page {
  private readonly headings: Heading[] = [];
  private readonly imports = new Map<string, string>();
  private readonly blocks: Snippet[] = [];
  private readonly marked: Marked;

  constructor() {
    const page = this;
    this.marked = new Marked({
      gfm: true,
      renderer: {
        heading({ tokens, depth, text: title }) {
          return page.heading(this.parser.parseInline(tokens), depth, ANCHOR.exec(title)?.[1]);
        },
        paragraph({ tokens }) {
          const links = onlyLinks(tokens);
          const file = SNIPPET.exec(links[0]?.href ?? '')?.[1];
          if (links.length === 1 && file) return page.snippet(file);
          // The page has a switch for them.
          if (tokens.some((token) => token.type === 'link' && LANGUAGE.test(token.href))) return '';
          const html = this.parser.parseInline(tokens);
          return links.length > 1 ? `<p class="chips">${html}</p>` : `<p>${html}</p>`;
        },
        code: ({ text: code, lang }) => page.block(code, lang ?? ''),
        link({ href, tokens }) {
          return `<a href="${address(href)}">${this.parser.parseInline(tokens)}</a>`;
        },
        html: ({ text: html }) => (html.includes(ARRIVAL) ? '<Arrival {project} />' : ''),
        codespan: ({ text: code }) => `<code translate="no">${escaped(code)}</code>`,
        text(token) {
          if ('tokens' in token && token.tokens) return this.parser.parseInline(token.tokens);
          return 'escaped' in token && token.escaped ? token.text : escaped(token.text);
        },
        table({ header, rows }) {
          const row = (cells: Tokens.TableCell[], tag: string) => {
            const inner = cells.map(({ tokens }) => this.parser.parseInline(tokens));
            return `<tr>${inner.map((html) => `<${tag}>${html}</${tag}>`).join('')}</tr>`;
          };
          const body = rows.map((cells) => row(cells, 'td')).join('');
          const head = row(header, 'th');
          const table = `<thead>${head}</thead><tbody>${body}</tbody>`;
          // On a phone it may be wider than the screen; then the keyboard has to scroll it.
          const ignored = '<!-- svelte-ignore a11y_no_noninteractive_tabindex -->';
          return `${ignored}<div class="table" tabindex="0"><table>${table}</table></div>`;
        },
      },
    });
  }

  component(markdown: string): string {
    const html = this.marked.parse(markdown.replace(CHINESE_BREAK, '')) as string;
    const imports = [...this.imports].map(
      ([file, name]) => `import ${name} from './snippets/${file}?snippet';`,
    );
    const headings = JSON.stringify(this.headings);
    return [
      `<script module>export const headings = ${headings};</script>`,
      '<script>',
      `import Arrival from '/src/guide/Arrival.svelte';`,
      `import Code from '/src/parts/Code.svelte';`,
      ...imports,
      `const blocks = ${JSON.stringify(this.blocks).replace(/<\//g, '<\\/')};`,
      'let { project } = $props();',
      '</script>',
      html,
    ].join('\n');
  }

  private heading(title: string, depth: number, id: string | undefined): string {
    if (!id) return `<h${depth} tabindex="-1">${title}</h${depth}>`;
    this.headings.push({ id, depth, text: title });
    return `<h${depth} id="${id}"><a href="#${id}">${title}</a></h${depth}>`;
  }

  private snippet(file: string): string {
    const name = this.imports.get(file) ?? `snippet${this.imports.size}`;
    this.imports.set(file, name);
    return `<Code of={${name}} {project} />`;
  }

  private block(code: string, lang: string): string {
    this.blocks.push(snippetOf('', lang, code));
    return `<Code of={blocks[${this.blocks.length - 1}]} {project} />`;
  }
}

/** Turns `*.md` into components. */
export function guideMarkup(): PreprocessorGroup {
  return {
    name: 'guide',
    markup({ content, filename }) {
      return filename?.endsWith('.md') ? { code: new Page().component(content) } : undefined;
    },
  };
}

/** The text for programs: plain Markdown with the snippets put in. */
export function plainGuide(markdown: string, snippet: (file: string) => string): string {
  const note =
    'Replace `http://localhost:8002` with the address of your Log Center, and `my_project` with ' +
    'the name of your project.';
  return markdown
    .replace(/<a id="[a-z-]+"><\/a>/g, '')
    .replace(/<!-- arrival -->\n+/g, '')
    .replace(/^Other languages: .*$/m, note)
    .replace(/^(\[[^\]]+\]\(#[a-z-]+\) ?){2,}$/gm, 'See the sections below.')
    .replace(/\[([^\]]+)\]\(#[a-z-]+\)/g, '$1')
    .replace(/^\[[^\]]+\]\(snippets\/([\w.-]+)\)$/gm, (_line, file: string) => {
      const language = file.slice(file.lastIndexOf('.') + 1);
      return `\`${file}\`:\n\n\`\`\`${language}\n${snippet(file).trimEnd()}\n\`\`\``;
    });
}

export function guideFile(): Plugin {
  const folder = new URL('../../docs/guide/', import.meta.url);
  const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
  return {
    name: 'guide-file',
    generateBundle() {
      const source = plainGuide(read('en.md'), (file) => read(`snippets/${file}`));
      this.emitFile({ type: 'asset', fileName: 'docs/guide.md', source });
    },
  };
}
