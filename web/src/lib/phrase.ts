/** Sentences with placeholders and plural forms. Pure. */

export const LANGUAGES = ['en', 'zh-CN', 'ru'] as const;
export type Language = (typeof LANGUAGES)[number];

/** One sentence a plural category, as `Intl.PluralRules` names them. */
export type Forms = Partial<Record<Intl.LDMLPluralRule, string>>;
export type Entry = string | Forms;
export type Values = Record<string, string | number>;

/** The categories that each language really uses; a test demands them all. */
export const CATEGORIES: Record<Language, readonly Intl.LDMLPluralRule[]> = {
  en: ['one', 'other'],
  'zh-CN': ['other'],
  ru: ['one', 'few', 'many', 'other'],
};

const rules = new Map<Language, Intl.PluralRules>();
const numbers = new Map<Language, Intl.NumberFormat>();

export function formatNumber(language: Language, value: number): string {
  let format = numbers.get(language);
  if (!format) numbers.set(language, (format = new Intl.NumberFormat(language)));
  return format.format(value);
}

/** The entry with its values put in; `n` chooses the plural form. */
export function phrase(language: Language, entry: Entry, values: Values = {}): string {
  let sentence: string;
  if (typeof entry === 'string') sentence = entry;
  else {
    let rule = rules.get(language);
    if (!rule) rules.set(language, (rule = new Intl.PluralRules(language)));
    sentence = entry[rule.select(Number(values.n))] ?? entry.other ?? '';
  }
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? formatNumber(language, value) : value;
  });
}

/** The first language of the user's list that there are words for. */
export function firstLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split('-')[0];
    if (primary === 'zh') return 'zh-CN';
    if (primary === 'ru') return 'ru';
    if (primary === 'en') return 'en';
  }
  return 'en';
}
