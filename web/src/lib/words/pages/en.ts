/** What stands on the pages beside the list of issues, in English. */
import type { Forms } from '../../phrase';

export const pagesEn = {
  'shell.attention': 'Needs attention',
  'shell.board': 'Board',
  'shell.live': 'Live',
  'shell.statistics': 'Statistics',
  'shell.more': 'Set-up and help',
  'help.goAttention': 'Go to what needs attention',
  'help.goBoard': 'Go to the board',
  'help.goLive': 'Go to the live page',
  'help.goStatistics': 'Go to the statistics',
} satisfies Record<string, string | Forms>;

/** The same sentences in another language. */
export type PagesDictionary = {
  [K in keyof typeof pagesEn]: (typeof pagesEn)[K] extends string ? string : Forms;
};
