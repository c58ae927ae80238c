import { describe, expect, test } from 'vitest';
import { CATEGORIES, firstLanguage, LANGUAGES, phrase, type Entry, type Language } from './phrase';
import { LEVELS, SORTS, STATUSES } from './types';
import { en } from './words/en';
import { laterEn } from './words/later/en';
import { laterRu } from './words/later/ru';
import { laterZhCN } from './words/later/zh-CN';
import { notifyingEn } from './words/notifying/en';
import { notifyingRu } from './words/notifying/ru';
import { notifyingZhCN } from './words/notifying/zh-CN';
import { ru } from './words/ru';
import { zhCN } from './words/zh-CN';

const EN: Record<string, Entry> = { ...en, ...laterEn, ...notifyingEn };
const DICTIONARIES: Record<Language, Record<string, Entry>> = {
  en: EN,
  'zh-CN': { ...zhCN, ...laterZhCN, ...notifyingZhCN },
  ru: { ...ru, ...laterRu, ...notifyingRu },
};
const SOURCES = import.meta.glob<string>(['../**/*.{ts,svelte}', '!../**/*.test.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Groups and units carry no-break spaces in Russian. */
const plainSpaces = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');

function placeholders(sentence: string): string[] {
  return [...new Set(sentence.match(/\{\w+\}/g) ?? [])].sort();
}

describe.each(LANGUAGES)('the dictionary of %s', (language) => {
  const words = DICTIONARIES[language];

  test('has every key and no other', () => {
    expect(Object.keys(words).sort()).toEqual(Object.keys(EN).sort());
  });

  test('has every plural form that the language uses, and no other', () => {
    for (const [key, entry] of Object.entries(words)) {
      if (typeof entry === 'string') continue;
      const expected = [...CATEGORIES[language]].sort();
      expect([key, ...Object.keys(entry).sort()]).toEqual([key, ...expected]);
    }
  });

  test('has plural forms where English has them', () => {
    for (const [key, entry] of Object.entries(words)) {
      expect([key, typeof entry]).toEqual([key, typeof EN[key]]);
    }
  });

  test('has the same placeholders in every sentence', () => {
    for (const [key, entry] of Object.entries(words)) {
      const model = EN[key] ?? '';
      const expected = placeholders(typeof model === 'string' ? model : (model.other ?? ''));
      for (const sentence of typeof entry === 'string' ? [entry] : Object.values(entry)) {
        expect([key, ...placeholders(sentence)]).toEqual([key, ...expected]);
        expect(sentence.trim()).not.toBe('');
      }
    }
  });
});

test('the categories are those that Intl knows', () => {
  for (const language of LANGUAGES) {
    const known = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    expect([...CATEGORIES[language]].sort()).toEqual([...known].sort());
  }
});

test.each([
  [1, '1 отчёт'],
  [2, '2 отчёта'],
  [5, '5 отчётов'],
  [11, '11 отчётов'],
  [21, '21 отчёт'],
  [22, '22 отчёта'],
  [111, '111 отчётов'],
  [1.5, '1,5 отчёта'],
  [12345, '12 345 отчётов'],
])('Russian counts %d', (n, expected) => {
  expect(plainSpaces(phrase('ru', ru['issues.reports'], { n }))).toBe(expected);
});

test.each([
  ['en', 1, '1 report'],
  ['en', 0, '0 reports'],
  ['en', 21, '21 reports'],
  ['zh-CN', 1, '1 次上报'],
  ['zh-CN', 25, '25 次上报'],
] as const)('%s counts %d', (language, n, expected) => {
  expect(phrase(language, DICTIONARIES[language]['issues.reports'] as Entry, { n })).toBe(expected);
});

test('a value is put in as it is, whatever it holds', () => {
  expect(phrase('en', 'a {x} b {y}', { x: '{y} $& $1', y: 'Y' })).toBe('a {y} $& $1 b Y');
  expect(phrase('en', 'a {x}', {})).toBe('a {x}');
});

test('the first language is the first that there are words for', () => {
  expect(firstLanguage(['de-DE', 'zh-TW', 'ru'])).toBe('zh-CN');
  expect(firstLanguage(['ru-RU', 'en'])).toBe('ru');
  expect(firstLanguage(['fr'])).toBe('en');
});

/** Groups whose keys are put together from a name of the server's or of a list. */
const WHOLE_GROUPS = new RegExp(
  '^(' +
    'extra|field|prefs|events|copy|notice|' +
    'reason|code|queryKey|views|listChart|palette|issueChart|role|scope|keys|' +
    'kind|where|condition|when|every|say|shown|outcome|said' +
    ')\\.',
);

test('every key is used somewhere', () => {
  const keys = new Set(Object.keys(EN));
  const used = new Set<string>();
  for (const status of STATUSES) used.add(`status.${status}`).add(`verb.${status}`);
  for (const level of LEVELS) used.add(`level.${level}`);
  for (const sort of SORTS) used.add(`sort.${sort}`);
  for (const key of keys) {
    if (WHOLE_GROUPS.test(key)) used.add(key);
  }
  for (const [path, text] of Object.entries(SOURCES)) {
    if (path.includes('/words/')) continue;
    for (const [, key] of text.matchAll(/'([a-zA-Z]+\.[a-zA-Z]+)'/g)) {
      if (key && keys.has(key)) used.add(key);
    }
  }
  expect([...keys].filter((key) => !used.has(key))).toEqual([]);
});

test('everything that a server turns away has a sentence', () => {
  const [text] = Object.values(
    import.meta.glob<string>('../../../docs/openapi.json', {
      query: '?raw',
      import: 'default',
      eager: true,
    }),
  );
  const { schemas } = JSON.parse(text ?? '').components;
  const { by_reason: reasons } = schemas.System.properties.refused.properties;
  const known = Object.keys(EN);
  for (const reason of reasons.items.properties.reason.enum) {
    expect(known).toContain(`reason.${reason}`);
  }
});
