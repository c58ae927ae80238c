/** The guide's text in each language, loaded when it is chosen. */
import type { Component } from 'svelte';
import type { Language } from '../lib/phrase';

/** What other places link to; the same in every language. */
export interface Heading {
  id: string;
  depth: number;
  text: string;
}

export interface Text {
  default: Component<{ project: string }>;
  headings: readonly Heading[];
}

export const texts: Record<Language, () => Promise<Text>> = {
  en: () => import('../../../docs/guide/en.md'),
  'zh-CN': () => import('../../../docs/guide/zh-CN.md'),
  ru: () => import('../../../docs/guide/ru.md'),
};
