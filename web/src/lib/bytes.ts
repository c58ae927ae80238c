/** Sizes in the reader's words. Pure. */
import type { Language } from './phrase';

const UNITS: Record<Language, readonly string[]> = {
  en: ['B', 'KiB', 'MiB', 'GiB', 'TiB'],
  'zh-CN': ['B', 'KiB', 'MiB', 'GiB', 'TiB'],
  ru: ['Б', 'КиБ', 'МиБ', 'ГиБ', 'ТиБ'],
};

/** 512 → "512 B", 10 × 1024³ → "10 GiB"; three digits or so. */
export function size(language: Language, bytes: number): string {
  const units = UNITS[language];
  let value = bytes;
  let at = 0;
  while (value >= 1024 && at < units.length - 1) {
    value /= 1024;
    at += 1;
  }
  const maximumFractionDigits = value < 10 ? 2 : value < 100 ? 1 : 0;
  const number = new Intl.NumberFormat(language, { maximumFractionDigits }).format(value);
  return `${number}\u00a0${units[at]}`;
}
