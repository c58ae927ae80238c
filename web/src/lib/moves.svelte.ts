/**
 * Moves wait five seconds before they are sent. A move cannot be taken back, since history is for
 * ever: "Undo" therefore means "not yet sent".
 */
import { api, ApiError } from './api';
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

const waiting = $state<Waiting[]>([]);
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
  for (const move of waiting) {
    if (move.issues.some((one) => one.id === issue.id)) return move.order.to;
  }
  return issue.status;
}

export function isWaiting(id: number): boolean {
  return waiting.some((move) => move.issues.some((one) => one.id === id));
}

export function queueMove(issues: readonly Issue[], order: Order): void {
  const free = issues.filter((issue) => !isWaiting(issue.id) && issue.status !== order.to);
  if (free.length === 0) return;
  const key = nextKey++;
  waiting.push({
    key,
    issues: free.map((issue) => ({ id: issue.id, from: issue.status })),
    order,
    until: Date.now() + UNDO_MS,
  });
  timers.set(
    key,
    setTimeout(() => void send(key), UNDO_MS),
  );
}

function take(key: number): Waiting | undefined {
  clearTimeout(timers.get(key));
  timers.delete(key);
  const index = waiting.findIndex((move) => move.key === key);
  return index >= 0 ? waiting.splice(index, 1)[0] : undefined;
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

/** Sends a waiting move now. The row keeps showing the wanted status until the answer is there. */
export async function send(key: number, keepalive = false): Promise<void> {
  const move = waiting.find((one) => one.key === key);
  if (!move || !timers.has(key)) return;
  clearTimeout(timers.get(key));
  timers.delete(key);
  const changed: Issue[] = [];
  const failed: Failure[] = [];
  for (const [from, issues] of byFrom(move.issues)) {
    const change = changeOf(move.order, from);
    const ids = issues.map((one) => one.id);
    try {
      if (ids.length === 1 && move.issues.length === 1) {
        changed.push(await api.change(ids[0] as number, change, keepalive));
      } else {
        const { results } = await api.bulk(ids, change, keepalive);
        for (const result of results) {
          if ('issue' in result) changed.push(result.issue);
          else failed.push({ id: result.id, text: await explained(result.id, result) });
        }
      }
    } catch (error) {
      for (const id of ids) failed.push({ id, text: await explained(id, error) });
    }
  }
  take(key);
  announce(changed, failed);
  for (const failure of failed.slice(0, 2)) say(failure.text, 'bad');
  if (failed.length > 2) say(t('moves.someFailed', { n: failed.length }), 'bad');
}

function byFrom(issues: Waiting['issues']): Map<Status, Waiting['issues']> {
  const groups = new Map<Status, Waiting['issues']>();
  for (const one of issues) groups.set(one.from, [...(groups.get(one.from) ?? []), one]);
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
