/** What the live stream tells, and whom it concerns. Pure. */
import type { Level, Status } from './types';

/** The names of messages that are about an issue. */
export const EVENTS = ['issue.new', 'issue.seen', 'issue.regressed', 'issue.moved'] as const;

export interface Happening {
  issue_id: number;
  project_id: string;
  fingerprint: string;
  status: Status;
  level: Level;
  type: string;
  message: string;
  environment: string | null;
  version: string | null;
  count: number;
  at: string;
  from?: Status;
  to?: Status;
  who?: string;
  note?: string | null;
}

export interface Told extends Happening {
  event: (typeof EVENTS)[number];
}

/** A message; `null` when it cannot be read, as one of a later version might not. */
export function readTold(event: Told['event'], data: string): Told | null {
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value !== 'object' || value === null) return null;
    const told = { ...(value as Happening), event };
    return typeof told.issue_id === 'number' ? told : null;
  } catch {
    return null;
  }
}

interface View {
  /** As in the address: one name, several with commas, or none for all. */
  project: string;
  environment: string;
  /** Issues that are on the screen. */
  shown?: ReadonlySet<number>;
}

function isOneOf(list: string, name: string): boolean {
  return list === '' || list.split(',').includes(name);
}

/** Whether a list may look different after it. */
export function concernsList(told: Told, view: View): boolean {
  if (view.shown?.has(told.issue_id)) return true;
  if (!isOneOf(view.project, told.project_id)) return false;
  return told.environment === null || isOneOf(view.environment, told.environment);
}
