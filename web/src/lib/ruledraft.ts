/** What is chosen in the form of a rule, checked and turned into what is sent. Pure. */
import { wordsOf, type Digest, type Quiet, type RuleBody, type Trigger } from './notifying';
import type { Values } from './phrase';
import type { Faults } from './refusal';
import type { Level, Status } from './types';
import type { Key } from './words/en';

export type Where = 'live' | 'every' | 'these';

export interface RuleDraft {
  name: string;
  triggers: Trigger[];
  reports: number;
  minutes: number;
  moved_to: Status[];
  level: Level;
  where: Where;
  environments: string;
  projects: string;
  types: string;
  codes: string;
  paths: string;
  versions: string;
  query: string;
  digest: Digest;
  hours: number;
  everyChannel: boolean;
  channels: number[];
  isQuiet: boolean;
  quiet: Quiet;
  mentions: string;
}

const shown = (words: readonly string[]) => words.join(', ');

/** `offset`: minutes east of UTC where the reader is. */
export function ruleDraftOf(
  name: string,
  rule: RuleBody,
  known: ReadonlySet<number>,
  offset: number,
): RuleDraft {
  const { environments } = rule;
  const everywhere = environments?.length === 0 || environments?.[0] === '*';
  return {
    name,
    triggers: [...rule.triggers],
    reports: rule.reports,
    minutes: rule.minutes,
    moved_to: [...rule.moved_to],
    level: rule.level,
    where: environments === null ? 'live' : everywhere ? 'every' : 'these',
    environments: environments === null || everywhere ? '' : shown(environments),
    projects: shown(rule.projects),
    types: shown(rule.types),
    codes: shown(rule.codes),
    paths: shown(rule.paths),
    versions: shown(rule.versions),
    query: rule.query ?? '',
    digest: { ...rule.digest },
    hours: rule.hours,
    everyChannel: rule.channels.length === 0,
    // One that was removed cannot be chosen, and the server refuses it.
    channels: rule.channels.filter((id) => known.has(id)),
    mentions: shown(rule.mentions),
    isQuiet: rule.quiet !== null,
    quiet: rule.quiet
      ? { ...rule.quiet }
      : {
          from: '22:00',
          to: '08:00',
          weekends: true,
          tz_offset_minutes: offset,
          below: 'CRITICAL',
        },
  };
}

/** The rule, as the server and its sentence want it. */
export function ruleOf(draft: RuleDraft, enabled: boolean): RuleBody {
  const environments =
    draft.where === 'live' ? null : draft.where === 'every' ? ['*'] : wordsOf(draft.environments);
  return {
    enabled,
    channels: draft.everyChannel ? [] : [...draft.channels],
    projects: wordsOf(draft.projects),
    environments,
    level: draft.level,
    types: wordsOf(draft.types),
    codes: wordsOf(draft.codes),
    paths: wordsOf(draft.paths),
    versions: wordsOf(draft.versions),
    query: draft.query.trim() || null,
    digest: { ...draft.digest },
    hours: draft.hours,
    triggers: [...draft.triggers],
    reports: draft.reports,
    minutes: draft.minutes,
    moved_to: draft.triggers.includes('moved') ? [...draft.moved_to] : [],
    quiet: draft.isQuiet ? { ...draft.quiet } : null,
    mentions: wordsOf(draft.mentions),
  };
}

/** The members at which a form shows a fault. */
export const RULE_FIELDS = [
  'name',
  'triggers',
  'reports',
  'minutes',
  'environments',
  'projects',
  'types',
  'codes',
  'paths',
  'versions',
  'query',
  'digest',
  'hours',
  'channels',
  'quiet',
  'mentions',
] as const;

const REPORTS_MAX = 1_000_000;
const MINUTES_MAX = 1_440;
const HOURS_MAX = 72;

export function faultsOfRule(
  draft: RuleDraft,
  t: (key: Key, values?: Values) => string,
): Faults {
  const faults: Faults = {};
  const within = (value: number, to: number) =>
    Number.isInteger(value) && value >= 1 && value <= to;
  const counts = draft.triggers.includes('frequent');
  const timed = counts || draft.triggers.includes('silent');
  if (draft.triggers.length === 0) faults.triggers = t('need.trigger');
  if (counts && !within(draft.reports, REPORTS_MAX)) {
    faults.reports = t('need.number', { from: 1, to: REPORTS_MAX });
  }
  if (timed && !within(draft.minutes, MINUTES_MAX)) {
    faults.minutes = t('need.number', { from: 1, to: MINUTES_MAX });
  }
  if (draft.triggers.includes('digest') && !draft.digest.at) {
    faults.digest = t('need.text');
  }
  if (draft.triggers.includes('verdict') && !within(draft.hours, HOURS_MAX)) {
    faults.hours = t('need.number', { from: 1, to: HOURS_MAX });
  }
  if (draft.where === 'these' && wordsOf(draft.environments).length === 0) {
    faults.environments = t('need.text');
  }
  if (!draft.everyChannel && draft.channels.length === 0) faults.channels = t('need.channel');
  if (draft.isQuiet && !(draft.quiet.from && draft.quiet.to)) faults.quiet = t('need.text');
  return faults;
}

/** Offsets that people live by, with those that are wanted here. */
export function zones(...wanted: readonly number[]): number[] {
  const hours = Array.from({ length: 27 }, (_, index) => (index - 12) * 60);
  const halves = [-570, -210, -150, 210, 270, 330, 345, 390, 525, 570, 630, 765];
  return [...new Set([...hours, ...halves, ...wanted])].sort((a, b) => a - b);
}
