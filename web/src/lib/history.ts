/** An entry of an issue's history as a sentence without its subject. Pure. */
import type { Values } from './phrase';
import type { HistoryEntry } from './types';
import { STATUSES } from './types';
import type { Key } from './words/en';

type Words = (key: Key, values?: Values) => string;

/** The newest change of status, by hand, by a deploy or by a regression. */
export function lastMove(history: readonly HistoryEntry[]): HistoryEntry | undefined {
  return history.find((entry) => ['move', 'deploy', 'regression'].includes(entry.kind));
}

function statusWord(name: string | null, t: Words): string {
  const status = STATUSES.find((one) => one === name);
  return status ? t(`status.${status}`) : (name ?? '–');
}

/** The server says a muting in a few fixed English words; what is unknown is shown as it came. */
function muteLine(text: string | null, t: Words, when: (at: string) => string): string {
  if (text === null || text === 'unmuted') return t('history.unmuted');
  if (text === 'for ever') return t('history.mutedForEver');
  const reports = /^for (\d+) reports?$/.exec(text)?.[1];
  if (reports) return t('history.mutedReports', { n: Number(reports) });
  const until = /^until (\S+)$/.exec(text)?.[1];
  return t('history.mutedUntil', { time: until ? when(until) : text });
}

export function historyLine(
  entry: HistoryEntry,
  t: Words,
  when: (at: string) => string = (at) => at,
): string {
  const to = statusWord(entry.to, t);
  const { version } = entry;
  switch (entry.kind) {
    case 'move':
      return version ? t('history.movedVersion', { to, version }) : t('history.moved', { to });
    case 'regression':
      return version ? t('history.regressionVersion', { version }) : t('history.regression');
    case 'deploy':
      return t('history.deployed', { version: version ?? '–' });
    case 'assign': {
      const name = entry.to ?? entry.text;
      if (name && name === entry.who) return t('history.took');
      return name ? t('history.assigned', { name }) : t('history.unassigned');
    }
    case 'mute':
      return muteLine(entry.text, t, when);
    case 'comment':
      return t('history.commented');
    default:
      return entry.kind;
  }
}
