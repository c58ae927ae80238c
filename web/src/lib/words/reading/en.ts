/** What an issue's page and a request's page say beyond the words of every page. */
import type { Forms } from '../../phrase';

export const readingEn = {
  'editor.title': 'Editor',
  'editor.hint': 'A click on a place opens it in your editor.',
  'editor.none': 'None',
  'editor.from': 'Paths in traces begin with',
  'editor.to': 'Folder on this computer',
  'editor.open': 'Open in {editor}',
  'context.search': 'Search the context',
  'context.none': 'Nothing in the context has this text.',
  'related.title': 'Related',
  'related.request': 'In the same request',
  'related.alike': 'Same error at another place',
  'sample.browser': 'By browser',
  'sample.user': 'By user',
  'sample.other': 'Other',
  'sample.of': { one: 'of the newest {n} event', other: 'of the newest {n} events' },
  'issueChart.by': 'What the chart shows',
  'issueChart.days': '14 days',
  'issueChart.environment': 'Environments',
  'issueChart.version': 'Versions',
  'issueChart.day': 'Last 24 hours',
  'event.tags': 'Tags',
  'event.alike': 'Events of this issue with this tag',
} satisfies Record<string, string | Forms>;
