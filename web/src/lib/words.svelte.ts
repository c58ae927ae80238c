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

const laterLoaders: Record<Language, () => Promise<Words>> = {
  en: () => import('./words/later/en').then((module) => module.laterEn),
  'zh-CN': () => import('./words/later/zh-CN').then((module) => module.laterZhCN),
  ru: () => import('./words/later/ru').then((module) => module.laterRu),
};

let language = $state<Language>('en');
let dictionary = $state.raw<Words>(en);
let later: Words = {};
let wantsLater = false;

/** The language's own name for itself. */
export const LANGUAGE_NAMES: Record<Language, string> = {
  en: 'English',
  'zh-CN': '中文',
  ru: 'Русский',
};

export function currentLanguage(): Language {
  return language;
}

export async function chooseLanguage(wanted: Language): Promise<void> {
  const [words, more] = await Promise.all([
    loaders[wanted](),
    wantsLater ? laterLoaders[wanted]() : {},
  ]);
  later = more;
  dictionary = { ...words, ...later };
  language = wanted;
  document.documentElement.lang = wanted;
}

/** The words of the parts that come after the first page; asked for by each of them. */
export async function addLaterWords(): Promise<void> {
  wantsLater = true;
  if (Object.keys(later).length > 0) return;
  const wanted = language;
  const more = await laterLoaders[wanted]();
  // The language may have been switched meanwhile; the switch then brought its own.
  if (wanted !== language || Object.keys(later).length > 0) return;
  later = more;
  dictionary = { ...dictionary, ...later };
}

/** Chooses and remembers. */
export async function switchLanguage(wanted: Language): Promise<void> {
  await chooseLanguage(wanted);
  rememberLanguage(wanted);
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
