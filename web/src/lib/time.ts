/** Times in the reader's words. Pure: the present time is an argument. */
import type { Language } from './phrase';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

const STEPS: readonly [limit: number, seconds: number, unit: Intl.RelativeTimeFormatUnit][] = [
  [HOUR, MINUTE, 'minute'],
  [DAY, HOUR, 'hour'],
  [30 * DAY, DAY, 'day'],
  [365 * DAY, 30 * DAY, 'month'],
  [Infinity, 365 * DAY, 'year'],
];

const cache = new Map<string, unknown>();

function once<T>(key: string, make: () => T): T {
  if (!cache.has(key)) cache.set(key, make());
  return cache.get(key) as T;
}

/** What browsers say is "now", also of what has happened already. */
const JUST_NOW: Record<Language, string> = { en: 'just now', ru: 'только что', 'zh-CN': '刚刚' };

/** "5 min. ago", "вчера", "2 小时前". Under a minute it is always the same word. */
export function relative(language: Language, at: string | Date, now: Date): string {
  const seconds = (new Date(at).getTime() - now.getTime()) / 1000;
  if (Number.isNaN(seconds)) return String(at);
  // Not `narrow`: in Russian that gives "-5 мин".
  const auto = once(`relative ${language}`, () =>
    new Intl.RelativeTimeFormat(language, { style: 'short', numeric: 'auto' }),
  );
  // "Last month" would be said of 31 days as of 59.
  const counted = once(`counted ${language}`, () =>
    new Intl.RelativeTimeFormat(language, { style: 'short', numeric: 'always' }),
  );
  const distance = Math.abs(seconds);
  if (distance < MINUTE) return JUST_NOW[language];
  for (const [limit, size, unit] of STEPS) {
    // Truncated, not rounded: 90 minutes ago is not two hours ago.
    const format = unit === 'day' ? auto : counted;
    if (distance < limit) return spaced(format.format(Math.trunc(seconds / size), unit));
  }
  return String(at);
}

/** When something is due: what should have been is done in a moment. */
export function upcoming(language: Language, at: string, now: Date): string {
  if (Date.parse(at) - now.getTime() >= MINUTE * 1000) return relative(language, at, now);
  return once(`due ${language}`, () => {
    return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(0, 'second');
  });
}

/** A blank between a number and what it counts, as in the sentences, which Chinese has not. */
function spaced(text: string): string {
  return text.replace(/(\d)(?=\p{Script=Han})/gu, '$1 ');
}

/** The day and the time to the second, in the reader's zone. */
export function absolute(language: Language, at: string | Date, timeZone?: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return String(at);
  const format = once(`absolute ${language} ${timeZone}`, () =>
    new Intl.DateTimeFormat(language, {
      dateStyle: 'medium',
      timeStyle: 'medium',
      hourCycle: 'h23',
      timeZone,
    }),
  );
  return format.format(date);
}

/** The reader's own time with UTC beside it: what hovering over a time shows. */
export function bothZones(language: Language, at: string): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return at;
  return `${absolute(language, at)}\n${date.toISOString().replace('T', ' ')}`;
}

/** "14:02" of today. */
export function clockTime(language: Language, at: Date): string {
  const format = once(`clock ${language}`, () =>
    new Intl.DateTimeFormat(language, { timeStyle: 'short', hourCycle: 'h23' }),
  );
  return format.format(at);
}

/** "14:02:07" of today: a line of a log. */
export function secondsTime(language: Language, at: Date): string {
  const format = once(`seconds ${language}`, () =>
    new Intl.DateTimeFormat(language, { timeStyle: 'medium', hourCycle: 'h23' }),
  );
  return format.format(at);
}

/** "09:14" of today, "Nov 14 09:14" of any other day. */
export function moment(language: Language, at: string | Date, now: Date): string {
  const date = new Date(at);
  const time = clockTime(language, date);
  const isToday = date.toDateString() === now.toDateString();
  return isToday ? time : `${dayMark(language, date)} ${time}`;
}

/** "Nov 14", "11月14日", "14 нояб.": a mark on a chart's axis. */
export function dayMark(language: Language, at: string | Date): string {
  const format = once(`day ${language}`, () =>
    new Intl.DateTimeFormat(language, { month: 'short', day: 'numeric' }),
  );
  return format.format(new Date(at));
}

/** How long something took: "480 ms", "1.2 с". */
export function lasting(language: Language, ms: number): string {
  return inUnits(language, ms, 'auto');
}

/** How much later than the first of a series: "+120 ms", "+1.5 s", "+3 min". */
export function distance(language: Language, first: string, at: string): string {
  return inUnits(language, new Date(at).getTime() - new Date(first).getTime(), 'always');
}

function inUnits(language: Language, ms: number, signDisplay: 'auto' | 'always'): string {
  const [value, unit] =
    Math.abs(ms) < 1000
      ? [ms, 'millisecond']
      : Math.abs(ms) < 60_000
        ? [ms / 1000, 'second']
        : [ms / 60_000, 'minute'];
  const format = once(`units ${language} ${unit} ${signDisplay}`, () =>
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit: unit as string,
      unitDisplay: 'short',
      maximumFractionDigits: 1,
      signDisplay,
    }),
  );
  return spaced(format.format(value as number));
}

/** Whether something was first seen less than a day ago. */
export function isFresh(at: string, now: Date): boolean {
  return now.getTime() - new Date(at).getTime() < DAY * 1000;
}
