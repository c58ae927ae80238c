/**
 * Moves wait five seconds before they are sent. A move cannot be taken back, since history is for
 * ever: "Undo" therefore means "not yet sent".
 */
import { api, ApiError } from './api';
import { batched } from './batches';
import { lastMove } from './history';
import { say } from './toasts.svelte';
import { t } from './words.svelte';
import { STATUSES, type Change, type Issue, type Refusal, type Status } from './types';

const UNDO_MS = 5_000;

export interface Order {
  to: Status;
  note?: string;
  version?: string;
  /** Walk over the statuses between. */
  path?: boolean;
}

export interface Waiting {
  key: number;
  issues: { id: number; from: Status }[];
  order: Order;
  until: number;
}

export interface Failure {
  id: number;
  text: string;
}

type Listener = (changed: Issue[], failed: Failure[]) => void;

let waiting = $state.raw<readonly Waiting[]>([]);
/** Where each waiting issue goes: rows ask this one by one, and a move may be of 100,000. */
const wanted = new Map<number, Status>();
const timers = new Map<number, ReturnType<typeof setTimeout>>();
const listeners = new Set<Listener>();
let nextKey = 1;

export function waitingMoves(): readonly Waiting[] {
  return waiting;
}

/** Pages hear of every change of an issue, whoever asked for it. */
export function onChanges(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function announce(changed: Issue[], failed: Failure[] = []): void {
  for (const listener of listeners) listener(changed, failed);
}

/** The status that a row shows: the wanted one while its move waits. */
export function shownStatus(issue: Pick<Issue, 'id' | 'status'>): Status {
  return (waiting.length > 0 && wanted.get(issue.id)) || issue.status;
}

export function isWaiting(id: number): boolean {
  return waiting.length > 0 && wanted.has(id);
}

/** The statuses among many issues. */
export function shownStatuses(issues: readonly Issue[]): Status[] {
  const waits = waiting.length > 0;
  const all = new Set<Status>();
  for (const issue of issues) all.add((waits && wanted.get(issue.id)) || issue.status);
  return [...all];
}

export function queueMove(issues: readonly Issue[], order: Order): void {
  const moving: Waiting['issues'] = [];
  for (const { id, status } of issues) {
    if (status === order.to || wanted.has(id)) continue;
    wanted.set(id, order.to);
    moving.push({ id, from: status });
  }
  if (moving.length === 0) return;
  const key = nextKey++;
  waiting = [...waiting, { key, issues: moving, order, until: Date.now() + UNDO_MS }];
  timers.set(
    key,
    setTimeout(() => void send(key), UNDO_MS),
  );
}

function take(key: number): void {
  clearTimeout(timers.get(key));
  timers.delete(key);
  const taken = waiting.find((move) => move.key === key);
  for (const issue of taken?.issues ?? []) wanted.delete(issue.id);
  waiting = waiting.filter((move) => move !== taken);
}

export function undoMove(key: number): void {
  take(key);
}

function changeOf(order: Order, from: Status): Change {
  const change: Change = { status: order.to, from };
  if (order.path) change.path = true;
  if (order.note) change.note = order.note;
  if (order.version) change.version = order.version;
  return change;
}

/** What became of each issue of one question to the server. */
interface Answer {
  changed: Issue[];
  failed: Failure[];
}

async function ask(ids: number[], change: Change, keepalive: boolean): Promise<Answer> {
  const answer: Answer = { changed: [], failed: [] };
  try {
    const { results } = await api.bulk(ids, change, keepalive);
    for (const result of results) {
      if ('issue' in result) answer.changed.push(result.issue);
      else answer.failed.push({ id: result.id, text: await explained(result.id, result) });
    }
  } catch (error) {
    // What refused one refused them all: it is asked about once.
    const text = await explained(ids[0] as number, error);
    for (const id of ids) answer.failed.push({ id, text });
  }
  return answer;
}

async function askOne(id: number, change: Change, keepalive: boolean): Promise<Answer> {
  try {
    return { changed: [await api.change(id, change, keepalive)], failed: [] };
  } catch (error) {
    return { changed: [], failed: [{ id, text: await explained(id, error) }] };
  }
}

/** Sends a waiting move now. The row keeps showing the wanted status until the answer is there. */
export async function send(key: number, keepalive = false): Promise<void> {
  const move = waiting.find((one) => one.key === key);
  if (!move || !timers.has(key)) return;
  clearTimeout(timers.get(key));
  timers.delete(key);
  const questions = [...byFrom(move.issues)].flatMap(([from, all]) =>
    batched(all).map((ids) => ({ ids, change: changeOf(move.order, from) })),
  );
  const [only] = move.issues;
  const asked = ({ ids, change }: (typeof questions)[number]) =>
    move.issues.length === 1 && only
      ? askOne(only.id, change, keepalive)
      : ask(ids, change, keepalive);
  const answers: Answer[] = [];
  // A page that goes away has no time to wait for one answer before the next question.
  if (keepalive) answers.push(...(await Promise.all(questions.map(asked))));
  else for (const question of questions) answers.push(await asked(question));
  const changed = answers.flatMap((answer) => answer.changed);
  const failed = answers.flatMap((answer) => answer.failed);
  take(key);
  announce(changed, failed);
  for (const failure of failed.slice(0, 2)) say(failure.text, 'bad');
  if (failed.length > 2) say(t('moves.someFailed', { n: failed.length }), 'bad');
}

function byFrom(issues: Waiting['issues']): Map<Status, number[]> {
  const groups = new Map<Status, number[]>();
  for (const { id, from } of issues) {
    const group = groups.get(from);
    if (group) group.push(id);
    else groups.set(from, [id]);
  }
  return groups;
}

/** Why a move failed: for a lost race, who was first and what is possible now. */
async function explained(id: number, error: unknown): Promise<string> {
  const refusal = error as Partial<Refusal & { status: number }>;
  const message = refusal.message ?? String(error);
  if (refusal.code !== 'ConflictError' && !(error instanceof ApiError && error.status === 409)) {
    return t('moves.failed', { id: String(id), reason: message });
  }
  try {
    const issue = await api.issue(id);
    announce([issue]);
    const last = lastMove(issue.history);
    const allowed = issue.allowed_moves
      .filter((status) => STATUSES.includes(status))
      .map((status) => t(`status.${status}`))
      .join(', ');
    return t('moves.conflict', {
      id: String(id),
      status: t(`status.${issue.status}`),
      who: last?.who ?? t('history.server'),
      allowed: allowed || '–',
    });
  } catch {
    return t('moves.failed', { id: String(id), reason: message });
  }
}

/** The page goes away: what waits is sent now, by requests that outlive the page. */
export function flushMovesOnLeave(): void {
  addEventListener('pagehide', () => {
    for (const move of waiting) void send(move.key, true);
  });
}
