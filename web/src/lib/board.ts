/** The workflow as columns. Pure. */
import { ASIDE, MOVES, STEPS } from './status';
import { STATUSES, type Issue, type Status } from './types';

/** A step of the way, with the state aside that hangs under it. */
export interface Column {
  step: Status;
  aside: Status | null;
}

export const COLUMNS: readonly Column[] = STEPS.map((step) => ({
  step,
  aside: STATUSES.find((status) => ASIDE[status] === step) ?? null,
}));

/** Left to right, a state aside after its step: the way of the arrow keys. */
export const ORDER: readonly Status[] = COLUMNS.flatMap(({ step, aside }) =>
  aside ? [step, aside] : [step],
);

/** Where a card may be put by hand, left to right; NEW is left to regressions. */
export function targetsOf(status: Status): Status[] {
  return ORDER.filter((to) => to !== 'NEW' && MOVES[status].includes(to));
}

/** A version, or a reason, has to be asked for first. */
export function asksFirst(from: Status, to: Status): boolean {
  return to === 'DEPLOYED' || from === 'DEPLOYED';
}

/** The target beside the present one; from none, the first to that side. */
export function nextTarget(from: Status, present: Status | null, by: 1 | -1): Status | null {
  const targets = targetsOf(from);
  if (present) {
    const at = targets.indexOf(present) + by;
    return targets[Math.min(targets.length - 1, Math.max(0, at))] ?? null;
  }
  const place = ORDER.indexOf(from);
  const side = (to: Status) => Math.sign(ORDER.indexOf(to) - place) === by;
  const found = by === 1 ? targets.find(side) : targets.findLast(side);
  return found ?? targets[0] ?? null;
}

/** Cards keep their place; those that came are on top, in their own order. */
export function merged(shown: readonly Issue[], fresh: readonly Issue[]): Issue[] {
  const now = new Map(fresh.map((issue) => [issue.id, issue]));
  const kept = shown.flatMap((issue) => now.get(issue.id) ?? []);
  const known = new Set(kept.map((issue) => issue.id));
  return [...fresh.filter((issue) => !known.has(issue.id)), ...kept];
}
