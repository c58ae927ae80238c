/** What stands on pages that are loaded when they are opened, in English. */
import type { Forms } from '../../phrase';

export const browsingEn = {
  'board.none': 'Nothing here',
  'board.mine': 'Only mine',
  'board.how':
    'Drag a card to where it may go. By keys: j k h l or arrows to walk, Space to pick up ' +
    'and put down, e for all moves.',
  'board.held':
    '{type} picked up. It may go to: {statuses}. Arrows choose, Space puts it down, Escape ' +
    'leaves it.',
  'board.put': 'Put at “{status}”.',
  'board.left': 'Left where it was.',
  'statistics.from': 'From',
  'statistics.young': 'Nothing before to compare with',
  'statistics.range': 'How long',
  'statistics.month': '30 days',
  'statistics.csv': 'Download CSV',
  'statistics.change': 'Change',
  'statistics.none': 'No reports in either time.',
  'statistics.type': 'By type',
  'statistics.project': 'By project',
  'statistics.level': 'By level',
  'statistics.typeNote': {
    one: 'Of the {n} issue with the most reports.',
    other: 'Of the {n} issues with the most reports.',
  },
  'statistics.versionNote': 'Of the {n} projects with the most reports.',
  'statistics.chart': {
    one: '{n} report, {before} in the time before',
    other: '{n} reports, {before} in the time before',
  },
  'statistics.marks': 'Lines: first report of a version',
  'statistics.deploys': 'Lines: deploys',
  'statistics.heat': 'By weekday and hour',
  'statistics.heatWeek': 'The last 7 days, in your own time zone.',
  'statistics.heatMonth': 'The last 30 days, in your own time zone.',
  'tail.rate': { one: '{n} in the last minute', other: '{n} in the last minute' },
  'tail.paused': 'Paused: nothing moves',
  'tail.pause': 'Pause',
  'tail.resume': 'Go on',
  'tail.words': 'Words or key:value',
  'tail.gap': 'More came at once than is shown; some are left out here.',
  'tail.older': 'Earlier events',
  'tail.none': 'No event matches yet. What is reported from now on appears here by itself.',
  'projects.day': { one: '{n} report in 24 h', other: '{n} reports in 24 h' },
  'projects.inDay': 'reports in 24 h',
  'setup.send': 'Send a test report',
  'setup.test':
    'It comes from here, in the environment development with the level INFO, and makes an ' +
    'issue of its own.',
  'setup.paste': 'With code to paste: nothing to install',
  'setup.page': 'Web page',
  'setup.client': 'With a client: to install, and it sees more by itself',
  'project.deleteTitle': 'Delete this project',
  'project.deleteText': 'Its issues, events and history are erased everywhere.',
  'project.deleteConfirm': {
    one: '{n} issue with all its events and history is erased. This is final.',
    other: '{n} issues with all their events and history are erased. This is final.',
  },
  'project.deleteDo': 'Delete for good',
  'project.deleted': 'Project {name} was deleted.',
  'deploy.title': 'Record a deploy',
  'deploy.text':
    'Moves the verified issues to “Deployed”. Your build can do the same by the API.',
  'deploy.version': 'Version',
  'deploy.environment': 'Environment (optional)',
  'deploy.do': 'Record',
  'deploy.done': 'The deploy of {version} was recorded.',
  'erase.title': 'Erase a person’s events',
  'erase.text': 'Erases every event of one user id in this project. The counts stay.',
  'erase.user': 'User id',
  'erase.do': 'Erase',
  'erase.confirm': 'All events of user {user} in {project} are erased. This is final.',
  'erase.done': 'The events of {user} were erased.',
  'report.text': 'One POST of JSON is a report. A project begins with its first report.',
  'report.closed': 
    'One POST of JSON is a report. Its project has to be made first, by an administrator.',
  'report.project': 'Project',
  'report.pageText':
    'One line in the head reports what nobody caught. Log Center serves the file itself.',
  'report.fields': 'Every language, all fields and answers:',
} satisfies Record<string, string | Forms>;

/** The same sentences in another language. */
export type BrowsingDictionary = {
  [K in keyof typeof browsingEn]: (typeof browsingEn)[K] extends string ? string : Forms;
};
