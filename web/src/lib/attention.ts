/**
 * What needs attention: storms as one card each, the rest in short lists. Pure.
 * Its one invariant: an issue stands in one place only, the most urgent one.
 */
import { LEVELS, type Issue } from './types';

/** The most urgent first. */
export const REASONS = ['regressed', 'fresh', 'rising'] as const;
export type Reason = (typeof REASONS)[number];

export type Found = Record<Reason, { items: Issue[]; total: number }>;

/** Without what the reader has seen. The server counts by whole hours: it may name too many. */
export function unseen(list: Found[Reason], since: number, seen: readonly number[]): Found[Reason] {
  const items = list.items.filter(
    ({ id, last_seen }) => !seen.includes(id) && Date.parse(last_seen) >= since,
  );
  return { items, total: list.total - (list.items.length - items.length) };
}

/** One issue, or many new ones of one kind. */
export interface Card {
  key: string;
  reason: Reason;
  /** The one with the most reports. */
  issue: Issue;
  /** How many issues it stands for. */
  issues: number;
  reports: number;
  isStorm: boolean;
  /** Whether only some of its issues were read, so that their reports are not all counted. */
  isPart?: boolean;
}

export interface Section {
  reason: Reason;
  cards: Card[];
  /** Also those that are not among the cards. */
  total: number;
}

export interface View {
  storms: Card[];
  sections: Section[];
}

/** From here on a number is a storm whatever else happens. */
const STORM_REPORTS = 1_000;
/** Or from here on, when it is so large a share of everything. */
const STORM_REPORTS_MIN = 100;
const STORM_SHARE = 0.25;
/** So many new issues of one type in one project are one thing that broke. */
const GROUP_ISSUES = 10;
const STORMS_MAX = 3;

function byUrgency(a: Card, b: Card): number {
  return (
    LEVELS.indexOf(a.issue.level) - LEVELS.indexOf(b.issue.level) ||
    b.reports - a.reports ||
    b.issue.id - a.issue.id
  );
}

function single(reason: Reason, issue: Issue): Card {
  const { id, count } = issue;
  return { key: String(id), reason, issue, issues: 1, reports: count, isStorm: false };
}

/** New issues of the same type in one project, gathered when there are many. */
function gathered(issues: readonly Issue[], sizes: ReadonlyMap<string, number>): Card[] {
  const kinds = new Map<string, Issue[]>();
  for (const issue of issues) {
    const kind = JSON.stringify([issue.project_id, issue.type]);
    kinds.set(kind, [...(kinds.get(kind) ?? []), issue]);
  }
  return [...kinds].flatMap(([key, members]): Card[] => {
    if (members.length < GROUP_ISSUES) return members.map((issue) => single('fresh', issue));
    const [issue] = members.toSorted((a, b) => b.count - a.count);
    const reports = members.reduce((sum, one) => sum + one.count, 0);
    if (!issue) return [];
    const size = sizes.get(key) ?? members.length;
    const isPart = size > members.length;
    return [{ key, reason: 'fresh', issue, issues: size, reports, isStorm: true, isPart }];
  });
}

function isStorm(card: Card, reports: number): boolean {
  if (card.isStorm || card.reports >= STORM_REPORTS) return true;
  return card.reports >= STORM_REPORTS_MIN && card.reports >= reports * STORM_SHARE;
}

/**
 * `reports`: of everything in the same time; `sizes`: of kinds that have more issues than were
 * found, by the key of their card.
 */
export function viewOf(
  found: Found,
  reports: number,
  sizes: ReadonlyMap<string, number> = new Map(),
): View {
  const seen = new Set<number>();
  const storms: Card[] = [];
  const sections: Section[] = [];
  for (const reason of REASONS) {
    const { items, total } = found[reason];
    const own = items.filter((issue) => !seen.has(issue.id));
    for (const issue of own) seen.add(issue.id);
    const each = (issue: Issue) => single(reason, issue);
    const all = reason === 'fresh' ? gathered(own, sizes) : own.map(each);
    const cards = all.toSorted(byUrgency);
    sections.push({ reason, cards, total: total - (items.length - own.length) });
    for (const card of cards) if (isStorm(card, reports)) storms.push({ ...card, isStorm: true });
  }
  const shown = storms.toSorted((a, b) => b.reports - a.reports).slice(0, STORMS_MAX);
  const keys = new Set(shown.map((card) => card.key));
  for (const section of sections) {
    const before = section.cards.length;
    section.cards = section.cards.filter((card) => !keys.has(card.key));
    const taken = shown.filter((card) => card.reason === section.reason);
    const issues = taken.reduce((sum, card) => sum + card.issues, 0);
    if (section.cards.length < before) section.total -= issues;
  }
  return { storms: shown, sections: sections.filter((section) => section.cards.length > 0) };
}

function cardsIn(view: View): Card[] {
  return [...view.storms, ...view.sections.flatMap((section) => section.cards)];
}

/** How many cards of `next` are not on the screen. */
export function missingFrom(shown: View, next: View): number {
  const keys = new Set(cardsIn(shown).map((card) => card.key));
  return cardsIn(next).filter((card) => !keys.has(card.key)).length;
}

/** What is shown with the numbers of `next`: nothing moves, and nothing comes or goes. */
export function recounted(shown: View, next: View): View {
  const now = new Map(cardsIn(next).map((card) => [card.key, card]));
  const fresh = (card: Card): Card => {
    const found = now.get(card.key);
    return found ? { ...found, isStorm: card.isStorm } : card;
  };
  return {
    storms: shown.storms.map(fresh),
    sections: shown.sections.map((one) => ({ ...one, cards: one.cards.map(fresh) })),
  };
}

/** How many rows each list gets of those there are, so that no list is crowded out by another. */
export function rowsOf(lengths: readonly number[], rows: number): number[] {
  const given = lengths.map(() => 0);
  for (let left = rows; left > 0; ) {
    const before = left;
    lengths.forEach((length, at) => {
      if (left === 0 || (given[at] ?? 0) >= length) return;
      given[at] = (given[at] ?? 0) + 1;
      left -= 1;
    });
    if (left === before) break;
  }
  return given;
}

/** Cards that stand for many issues. */
export function groupsIn(view: View): Card[] {
  return view.storms.filter((card) => card.issues > 1);
}

/** The same list on the page of issues, for a link. */
export function listQuery(reason: Reason, since: number): Record<string, string> {
  const from = new Date(since).toISOString();
  switch (reason) {
    case 'regressed':
      return { q: 'is:regressed !is:muted', status: 'NEW', since: from };
    case 'fresh':
      return { q: `first:>${from} !is:muted`, status: 'NEW' };
    case 'rising':
      return { q: 'is:rising !is:muted', since: from };
  }
}

/** The many issues of one card. */
export function groupQuery(card: Card, since: number): Record<string, string> {
  const { project_id, type } = card.issue;
  return { ...listQuery('fresh', since), project_id, type };
}
