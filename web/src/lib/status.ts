/** The moves between statuses, as the contract has them. The server decides; this only asks. */
import type { Project, Status } from './types';

export const MOVES: Record<Status, readonly Status[]> = {
  NEW: ['VERIFYING'],
  VERIFYING: ['PENDING_FIX', 'CANNOT_REPRODUCE'],
  CANNOT_REPRODUCE: ['VERIFYING'],
  PENDING_FIX: ['FIXING'],
  FIXING: ['FIXED', 'FIX_FAILED'],
  FIX_FAILED: ['PENDING_FIX', 'FIXING'],
  FIXED: ['VERIFIED', 'FIX_FAILED'],
  VERIFIED: ['DEPLOYED', 'FIX_FAILED'],
  DEPLOYED: ['VERIFYING'],
};

/** The seven steps of the way to a fix, without the two states aside. */
export const STEPS: readonly Status[] = [
  'NEW',
  'VERIFYING',
  'PENDING_FIX',
  'FIXING',
  'FIXED',
  'VERIFIED',
  'DEPLOYED',
];

/** Under which step a state aside hangs. */
export const ASIDE: Partial<Record<Status, Status>> = {
  CANNOT_REPRODUCE: 'VERIFYING',
  FIX_FAILED: 'FIXED',
};

/** Statuses in which somebody still has to do something. */
export const OPEN: readonly Status[] = [
  'NEW',
  'VERIFYING',
  'PENDING_FIX',
  'FIXING',
  'FIXED',
  'FIX_FAILED',
  'VERIFIED',
];

/** The shortest walk from one status to another, without the start; null when there is none. */
export function shortestPath(from: Status, to: Status): Status[] | null {
  const paths: Status[][] = MOVES[from].map((status) => [status]);
  const seen = new Set<Status>([from]);
  for (let path = paths.shift(); path; path = paths.shift()) {
    const last = path.at(-1) as Status;
    if (last === to) return path;
    if (seen.has(last)) continue;
    seen.add(last);
    for (const next of MOVES[last]) paths.push([...path, next]);
  }
  return null;
}

/** A walk that leaves DEPLOYED by hand has to say why. */
export function needsNote(from: readonly Status[]): boolean {
  return from.includes('DEPLOYED');
}

export function openCount(project: Project): number {
  return OPEN.reduce((sum, status) => sum + (project.counts[status] ?? 0), 0);
}
