/** Rules about the source that no compiler holds. */
import { expect, test } from 'vitest';

const texts = import.meta.glob<string>('../**/*.{ts,svelte}', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const sources = Object.entries(texts).map(([path, text]) => ({
  path: path.startsWith('../') ? path.slice(3) : path.replace('./', 'lib/'),
  text,
}));
const components = sources.filter(({ path }) => path.endsWith('.svelte'));
const scripts = sources.filter(({ path }) => path.endsWith('.ts') && !path.endsWith('.test.ts'));

function offenders(list: typeof sources, pattern: RegExp): string[] {
  return list.filter(({ text }) => pattern.test(text)).map(({ path }) => path);
}

test('text of a report never becomes markup', () => {
  expect(offenders(components, /\{@html|innerHTML|outerHTML|insertAdjacentHTML/)).toEqual([]);
  expect(offenders(scripts, /innerHTML|outerHTML|insertAdjacentHTML|document\.write/)).toEqual([]);
});

test('no component has a constant style attribute, which the policy forbids', () => {
  expect(offenders(components, /\sstyle="[^{"]*"/)).toEqual([]);
});

test('only api.ts asks the server', () => {
  const asking = offenders([...components, ...scripts], /(?<![.\w'`])fetch\(/);
  expect(asking).toEqual(['lib/api.ts']);
});

test('colours stand in the token file only', () => {
  const coloured = offenders(components, /<style>[\s\S]*#(?!fff\b)[0-9a-f]{3,8}\b/i);
  expect(coloured).toEqual([]);
});

test('files stay short', () => {
  const lines = (text: string) => text.split('\n').length - 1;
  expect(components.filter(({ text }) => lines(text) > 250).map(({ path }) => path)).toEqual([]);
  expect(scripts.filter(({ text }) => lines(text) > 500).map(({ path }) => path)).toEqual([]);
  const wide = [...components, ...scripts]
    .filter(({ path }) => !path.includes('words/'))
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, at) => (line.length > 100 ? [`${path}:${at + 1}`] : [])),
    );
  expect(wide).toEqual([]);
});
