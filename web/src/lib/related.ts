/** Issues that may have the same cause as another one. Pure. */
import type { EventSummary, Issue } from './types';

/** A message without what differs from report to report: numbers, ids, quoted values. */
export function pattern(message: string): string {
  return message
    .replace(/"[^"]*"|'[^']*'|`[^`]*`|«[^»]*»/g, '“”')
    .replace(/\b[0-9a-f]{8,}(-[0-9a-f]{4,})*\b/gi, '#')
    .replace(/\d+([.,]\d+)*/g, '#')
    .trim()
    .toLowerCase();
}

/** Others of the same type whose message says the same, those of the same file first. */
export function alike(issue: Issue, others: readonly Issue[]): Issue[] {
  const wanted = pattern(issue.message);
  return others
    .filter((other) => other.id !== issue.id && pattern(other.message) === wanted)
    .sort(
      (a, b) =>
        Number(b.file_path === issue.file_path) - Number(a.file_path === issue.file_path) ||
        b.count - a.count,
    );
}

/** The other issues that one request ran into, each once, in the order they happened. */
export function ofRequest(issueId: number, events: readonly EventSummary[]): EventSummary[] {
  const seen = new Set([issueId]);
  return events
    .toSorted((a, b) => a.timestamp.localeCompare(b.timestamp))
    .filter((event) => !seen.has(event.issue_id) && seen.add(event.issue_id));
}
