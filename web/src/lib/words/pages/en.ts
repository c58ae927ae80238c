/** What stands on the pages beside the list of issues, in English. */
import type { Forms } from '../../phrase';

export const pagesEn = {
  'shell.attention': 'Needs attention',
  'shell.board': 'Board',
  'shell.live': 'Live',
  'shell.statistics': 'Statistics',
  'shell.notifications': 'Notifications',
  'shell.more': 'Set-up and help',

  'attention.since': 'Since you last looked: {time}',
  'attention.looks': 'How far back',
  'attention.last': 'Since last look',
  'attention.day': '24 h',
  'attention.week': '7 days',
  'attention.seen': 'Mark all as seen',
  'attention.lookedMark': 'last look',
  'attention.now': 'now',
  'attention.summary': 'In figures',
  'attention.reportsShort': 'Reports',
  'attention.freshShort': 'New issues',
  'attention.regressedShort': 'Came back',
  'attention.risingShort': 'Rising',
  'attention.chart': { one: '{n} report since {time}', other: '{n} reports since {time}' },
  'attention.regressed': 'Came back after a deploy',
  'attention.fresh': 'New',
  'attention.rising': 'Rising: more than is usual',
  'attention.all': { one: 'Show all {n}', other: 'Show all {n}' },
  'attention.quiet': 'All quiet',
  'attention.quietText': 'Nothing is new, nothing came back and nothing rises since {time}.',
  'attention.work': 'Work under way',
  'attention.mine': 'Assigned to you',
  'attention.board': 'Open the board',
  'work.verifying': 'Being verified',
  'work.pending': 'Waiting for a fix',
  'work.fixing': 'Being fixed',
  'work.fixed': 'Fix to be verified',
  'work.failed': 'Fix failed',
  'work.verified': 'To be deployed',
  'storm.new': {
    one: 'report of one new issue, since {time}',
    other: 'reports of one new issue, since {time}',
  },
  'storm.newVersion': {
    one: 'report of one new issue since version {version}, {time}',
    other: 'reports of one new issue since version {version}, {time}',
  },
  'storm.regressed': {
    one: 'report of an issue that came back, since {time}',
    other: 'reports of an issue that came back, since {time}',
  },
  'storm.rising': {
    one: 'report of one rising issue since {time}',
    other: 'reports of one rising issue since {time}',
  },
  'storm.group': {
    one: 'new issue of one kind since {time}',
    other: 'new issues of one kind since {time}',
  },
  'storm.open': { one: 'Show {n} issue', other: 'Show {n} issues' },
  'compare.before': { one: '{n} in the time before', other: '{n} in the time before' },
  'compare.new': 'new',
  'compare.more': 'more than in the time before',
  'compare.less': 'less than in the time before',
  'compare.steady': 'about as in the time before',
} satisfies Record<string, string | Forms>;

/** The same sentences in another language. */
export type PagesDictionary = {
  [K in keyof typeof pagesEn]: (typeof pagesEn)[K] extends string ? string : Forms;
};
