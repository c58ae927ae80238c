/** How times that narrow a list are said. */
import { rangeParts, type Range } from './range';
import { clockTime, dayMark } from './time';
import { currentLanguage, t } from './words.svelte';

export function rangeWords(range: Range): string {
  const { n, unit } = rangeParts(range);
  if (unit === 'hour' && n === 1) return t('range.hour');
  return unit === 'hour' ? t('range.hours', { n }) : t('range.days', { n });
}

/** "Nov 14 09:14", also of today; what is no time stays as it came. */
export function dayAndTime(at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  const language = currentLanguage();
  return `${dayMark(language, date)} ${clockTime(language, date)}`;
}
