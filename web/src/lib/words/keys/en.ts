/** The sheet of keys, which the palette names too. */
import type { Forms } from '../../phrase';

export const keysEn = {
  'help.title': 'Keys and search',
  'help.search': 'Search',
  'help.nextPrevious': 'Next, previous issue',
  'help.open': 'Open the issue',
  'help.select': 'Select; with Shift a range',
  'help.move': 'Move',
  'help.assign': 'Assign',
  'help.mute': 'Mute',
  'help.comment': 'Comment',
  'help.copy': 'Copy the trace',
  'help.raw': 'Raw or pretty trace',
  'help.pager': 'Older, newer event',
  'help.goIssues': 'Go to issues',
  'help.goEvents': 'Go to events',
  'help.goProjects': 'Go to projects',
  'help.goSystem': 'Go to the system',
  'help.help': 'This sheet',
  'help.back': 'Back, close',
  'help.singleKeys': 'Single-key shortcuts',
  'help.queries': 'Search',
  'help.qWords': 'words and phrases, all must match',
  'help.qKeys': 'exact values, either of several; * is wild',
  'help.qNot': 'not; a file also by its last part',
  'help.qNumbers': 'more than, less than, ago',
  'help.qIs': 'marks',
  'help.queryKeys': 'Known keys:',
  'help.goAttention': 'Go to what needs attention',
  'help.goBoard': 'Go to the board',
  'help.goLive': 'Go to the live page',
  'help.goStatistics': 'Go to the statistics',
  'help.goNotifications': 'Go to notifications',
} satisfies Record<string, string | Forms>;

/** The same sentences in another language. */
export type KeysDictionary = {
  [K in keyof typeof keysEn]: (typeof keysEn)[K] extends string ? string : Forms;
};
