/** The record: what can be asked for, and what its actions are called. Pure. */
import type { Key } from './words/en';

/** Actions that there is a sentence for. Others are shown as the server names them. */
export const ACTIONS = {
  'session.begin': 'audit.sessionBegin',
  'session.refused': 'audit.sessionRefused',
  'session.end': 'audit.sessionEnd',
  'person.add': 'audit.personAdd',
  'person.change': 'audit.personChange',
  'person.password': 'audit.personPassword',
  'person.reset': 'audit.personReset',
  'invitation.create': 'audit.invitationCreate',
  'invitation.accept': 'audit.invitationAccept',
  'invitation.remove': 'audit.invitationRemove',
  'key.create': 'audit.keyCreate',
  'key.rotate': 'audit.keyRotate',
  'key.revoke': 'audit.keyRevoke',
  change_issue: 'audit.changeIssue',
  change_issues: 'audit.changeIssues',
  comment_issue: 'audit.commentIssue',
  erase_issue: 'audit.eraseIssue',
  erase_user_events: 'audit.eraseUser',
  create_project: 'audit.createProject',
  change_project: 'audit.changeProject',
  erase_project: 'audit.eraseProject',
  record_deploy: 'audit.recordDeploy',
  begin_backup: 'audit.beginBackup',
  'totp.begin': 'audit.totpBegin',
  'totp.enable': 'audit.totpEnable',
  'totp.codes': 'audit.totpCodes',
  'totp.remove': 'audit.totpRemove',
  'totp.reset': 'audit.totpReset',
  'passkey.add': 'audit.passkeyAdd',
  'passkey.rename': 'audit.passkeyRename',
  'passkey.remove': 'audit.passkeyRemove',
  'passkey.reset': 'audit.passkeyReset',
  'passkey.refused': 'audit.passkeyRefused',
  'passkey.copied': 'audit.passkeyCopied',
  'oidc.link': 'audit.oidcLink',
  'oidc.create': 'audit.oidcCreate',
  'oidc.refused': 'audit.oidcRefused',
  'session.code_refused': 'audit.codeRefused',
  'invitation.refused': 'audit.invitationRefused',
  'link.use': 'audit.linkUse',
  'data.restore': 'audit.dataRestore',
  'data.undo': 'audit.dataUndo',
  create_channel: 'audit.createChannel',
  change_channel: 'audit.changeChannel',
  remove_channel: 'audit.removeChannel',
  test_channel: 'audit.testChannel',
  create_rule: 'audit.createRule',
  change_rule: 'audit.changeRule',
  remove_rule: 'audit.removeRule',
  export: 'audit.exportAll',
  export_audit: 'audit.exportAudit',
  import: 'audit.importAll',
  give_up_import: 'audit.giveUpImport',
  replay_notice: 'audit.replayNotice',
  replay_notices: 'audit.replayNotices',
} as const satisfies Record<string, Key>;

/** All actions of a kind: the server reads `key` as `key.create`, `key.rotate` and so on. */
export const GROUPS = {
  session: 'audit.session',
  person: 'audit.person',
  invitation: 'audit.invitation',
  key: 'audit.key',
  totp: 'audit.totp',
  passkey: 'audit.passkey',
  oidc: 'audit.oidc',
  data: 'audit.data',
} as const satisfies Record<string, Key>;

export function actionWord(action: string): Key | null {
  return (ACTIONS as Record<string, Key>)[action] ?? null;
}

/** What is offered to choose from; one that only the address names is among them. */
export function offeredActions(present: string): [action: string, word: Key | null][] {
  const single = Object.entries(ACTIONS).filter(([action]) => !action.includes('.'));
  const offered: [string, Key | null][] = [...Object.entries(GROUPS), ...single];
  const isOffered = present === '' || offered.some(([action]) => action === present);
  return isOffered ? offered : [...offered, [present, actionWord(present)]];
}

const HOUR_MS = 3_600_000;
export const SPANS = { '24h': 24, '7d': 7 * 24, '30d': 30 * 24 } as const;
export type Span = keyof typeof SPANS;

export function spanOf(text: string | null): Span | null {
  return text !== null && Object.hasOwn(SPANS, text) ? (text as Span) : null;
}

/** What the server is asked for, of what the address says. */
export function auditQuery(
  address: URLSearchParams,
  now: Date,
): Record<'who' | 'action' | 'since', string | null> {
  const span = spanOf(address.get('since'));
  return {
    who: address.get('who') || null,
    action: address.get('action') || null,
    since: span && new Date(now.getTime() - SPANS[span] * HOUR_MS).toISOString(),
  };
}
