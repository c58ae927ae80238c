/** A rule in plain words. Pure: the language and its sentences are arguments. */
import type { Quiet, RuleBody, Trigger } from './notifying';
import type { Language, Values } from './phrase';
import type { Key } from './words/en';

export interface Speaker {
  language: Language;
  t: (key: Key, values?: Values) => string;
}

export interface RuleWords {
  /** "New or regressed" */
  when: string;
  /** The same, one by one. */
  triggers: string[];
  /** "ERROR and above", "in production", … */
  which: string[];
  /** Names of channels, or "every channel"; none when all it named are gone. */
  to: string[];
  quiet: string | null;
  mentions: string | null;
}

/** "a", "a or b", "a, b or c". */
function anyOf(language: Language, list: readonly string[]): string {
  return new Intl.ListFormat(language, { type: 'disjunction' }).format(list);
}

function begun(text: string, language: Language): string {
  const [first = '', ...rest] = text;
  return first.toLocaleUpperCase(language) + rest.join('');
}

function trigger(one: Trigger, rule: RuleBody, { language, t }: Speaker): string {
  switch (one) {
    case 'frequent':
      return t('say.frequent', { n: rule.reports, minutes: rule.minutes });
    case 'silent':
      return t('say.silent', { n: rule.minutes });
    case 'verdict':
      return t('say.verdict', { n: rule.hours });
    case 'digest': {
      const { every, at, tz_offset_minutes } = rule.digest;
      return t(`say.digest.${every}`, { at, zone: zoneName(tz_offset_minutes) });
    }
    case 'moved': {
      if (rule.moved_to.length === 0) return t('say.moved');
      const statuses = rule.moved_to.map((status) =>
        t('say.quoted', { text: t(`status.${status}`) }),
      );
      return t('say.movedTo', { statuses: anyOf(language, statuses) });
    }
    default:
      // A newer server may know more.
      return t(`say.${one}`) || one;
  }
}

function level(rule: RuleBody, { t }: Speaker): string {
  if (rule.level === 'DEBUG') return t('say.everyLevel');
  const word = t(`level.${rule.level}`);
  return t(rule.level === 'CRITICAL' ? 'say.levelOnly' : 'say.level', { level: word });
}

function environments(rule: RuleBody, { language, t }: Speaker): string {
  const list = rule.environments;
  if (list === null) return t('say.live');
  if (list.length === 0 || list.includes('*')) return t('say.everywhere');
  return t('say.environments', { list: anyOf(language, list) });
}

/** "UTC+8", "UTC−3:30". */
export function zoneName(minutes: number): string {
  if (minutes === 0) return 'UTC';
  const hours = Math.floor(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  const sign = minutes < 0 ? '−' : '+';
  return `UTC${sign}${hours}${rest ? `:${String(rest).padStart(2, '0')}` : ''}`;
}

function quietWords(quiet: Quiet, { t }: Speaker): string {
  const { from, to, below, weekends } = quiet;
  const values = { from, to, zone: zoneName(quiet.tz_offset_minutes), level: t(`level.${below}`) };
  if (below === 'CRITICAL') {
    return t(weekends ? 'say.quietWeekendsCritical' : 'say.quietCritical', values);
  }
  return t(weekends ? 'say.quietWeekends' : 'say.quiet', values);
}

export function ruleWords(
  rule: RuleBody,
  channelNames: ReadonlyMap<number, string>,
  speaker: Speaker,
): RuleWords {
  const { language, t } = speaker;
  const triggers = rule.triggers.map((one) => trigger(one, rule, speaker));
  // A project that is silent has no level, and a list of none takes all.
  const onlySilent = rule.triggers.every((one) => one === 'silent' || one === 'trouble');
  const lists: [Key, readonly string[]][] = [
    ['say.projects', rule.projects],
    ['say.types', rule.types],
    ['say.codes', rule.codes],
    ['say.paths', rule.paths],
    ['say.versions', rule.versions],
  ];
  const which = onlySilent ? [] : [level(rule, speaker), environments(rule, speaker)];
  for (const [key, list] of lists) {
    if (list.length > 0) which.push(t(key, { list: anyOf(language, list) }));
  }
  if (rule.query) which.push(rule.query);
  const named = rule.channels.flatMap((id) => channelNames.get(id) ?? []);
  return {
    when: begun(anyOf(language, triggers), language),
    triggers,
    which,
    to: rule.channels.length === 0 ? [t('say.everyChannel')] : named,
    quiet: rule.quiet ? quietWords(rule.quiet, speaker) : null,
    mentions: rule.mentions.length
      ? t('say.mentions', { list: rule.mentions.join(t('say.comma')) })
      : null,
  };
}

/** Characters of a suggested name at most: what a phone shows of it. */
const NAME_CHARS = 40;

/** So much of a text as is short, to the end of a word. */
function cut(text: string): string {
  if (text.length <= NAME_CHARS) return text;
  const start = text.slice(0, NAME_CHARS + 1);
  const words = start.replace(/[\s,，、]+[^\s,，、]*$/u, '');
  return words === start ? start.slice(0, -1) : words;
}

/** A name out of what a rule says: as many of its parts as are short together. */
export function ruleName(words: RuleWords, { language, t }: Speaker): string {
  const parts = words.when.length > NAME_CHARS ? words.triggers : [words.when, ...words.which];
  const [first = '', ...rest] = parts;
  let name = cut(first);
  for (const part of rest) {
    const longer = name + t('say.comma') + part;
    if (longer.length > NAME_CHARS) break;
    name = longer;
  }
  return begun(name, language);
}
