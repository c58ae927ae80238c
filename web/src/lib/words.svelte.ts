/**
 * The present language and its words. English comes with the page, the others when chosen; words of
 * parts that are loaded later come with the first of these parts.
 */
import { firstLanguage, formatNumber, LANGUAGES, phrase } from './phrase';
import type { Entry, Language, Values } from './phrase';
import { rememberedLanguage, rememberLanguage } from './prefs.svelte';
import { en, type Key } from './words/en';

type Words = Record<string, Entry>;

const loaders: Record<Language, () => Promise<Words>> = {
  en: () => Promise.resolve(en),
  'zh-CN': () => import('./words/zh-CN').then((module) => module.zhCN),
  ru: () => import('./words/ru').then((module) => module.ru),
};

/** Words that parts bring which are loaded later. */
const SETS = {
  later: {
    en: () => import('./words/later/en').then((module) => module.laterEn),
    'zh-CN': () => import('./words/later/zh-CN').then((module) => module.laterZhCN),
    ru: () => import('./words/later/ru').then((module) => module.laterRu),
  },
  notifying: {
    en: () => import('./words/notifying/en').then((module) => module.notifyingEn),
    'zh-CN': () => import('./words/notifying/zh-CN').then((module) => module.notifyingZhCN),
    ru: () => import('./words/notifying/ru').then((module) => module.notifyingRu),
  },
} satisfies Record<string, Record<Language, () => Promise<Words>>>;
export type WordSet = keyof typeof SETS;

let language = $state<Language>('en');
let dictionary = $state.raw<Words>(en);
/** The sets that some part asked for, and those of them that are there. */
const wanted = new Set<WordSet>();
let present = new Set<WordSet>();

/** The language's own name for itself. */
export const LANGUAGE_NAMES: Record<Language, string> = {
  en: 'English',
  'zh-CN': '中文',
  ru: 'Русский',
};

export function currentLanguage(): Language {
  return language;
}

export async function chooseLanguage(chosen: Language): Promise<void> {
  const names = [...wanted];
  const [words, ...more] = await Promise.all([
    loaders[chosen](),
    ...names.map((name) => SETS[name][chosen]()),
  ]);
  present = new Set(names);
  dictionary = Object.assign({}, words, ...more);
  language = chosen;
  document.documentElement.lang = chosen;
  // A part may have asked for its words while these were on their way.
  await Promise.all([...wanted].map(addWords));
}

/** The words of a part that comes after the first page; asked for by each of them. */
export async function addWords(name: WordSet): Promise<void> {
  wanted.add(name);
  if (present.has(name)) return;
  const of = language;
  const more = await SETS[name][of]();
  // The language may have been switched meanwhile, with these words or without.
  if (of !== language) return addWords(name);
  present.add(name);
  dictionary = { ...dictionary, ...more };
}

/** Chooses and remembers. */
export async function switchLanguage(chosen: Language): Promise<void> {
  await chooseLanguage(chosen);
  rememberLanguage(chosen);
}

export function startingLanguage(): Language {
  const remembered = LANGUAGES.find((name) => name === rememberedLanguage());
  return remembered ?? firstLanguage(navigator.languages);
}

/** The sentence of a key in the present language. */
export function t(key: Key, values?: Values): string {
  return phrase(language, dictionary[key] ?? '', values);
}

export function number(value: number): string {
  return formatNumber(language, value);
}

/** 0.123 → "12%", "12 %": a share in whole hundredths. */
export function percent(value: number): string {
  return value.toLocaleString(language, { style: 'percent', maximumFractionDigits: 0 });
}

const compacts = new Map<Language, Intl.NumberFormat>();

/** 1234 → "1.2K", "1234", "1,2 тыс."; below 10,000 the whole number says more. */
export function compact(value: number): string {
  if (value < 10_000) return number(value);
  let format = compacts.get(language);
  if (!format) {
    format = new Intl.NumberFormat(language, { notation: 'compact', maximumFractionDigits: 1 });
    compacts.set(language, format);
  }
  return format.format(value);
}
