/** Counts over time: sums, and how they compare with the time before. Pure. */
import type { Bar } from './chart';
import type { Stats } from './types';

export interface Compared {
  now: number;
  before: number;
}

export const sum = (counts: readonly number[]): number => counts.reduce((all, one) => all + one, 0);

/** All series together, step by step. */
export function totals(stats: Stats): number[] {
  return stats.times.map((_, at) =>
    stats.series.reduce((all, series) => all + (series.counts[at] ?? 0), 0),
  );
}

/** How many steps lie after a moment; the step that it is in counts whole. */
export function stepsSince(times: readonly string[], since: number): number {
  const first = times.findIndex((_, at) => Date.parse(times[at + 1] ?? '9999-01-01') > since);
  return first < 0 ? 0 : times.length - first;
}

/** The last steps, and as many before them; `before` is NaN when there are not so many. */
export function compared(counts: readonly number[], steps: number): Compared {
  const end = counts.length;
  const before = end >= 2 * steps ? sum(counts.slice(end - 2 * steps, end - steps)) : NaN;
  return { now: sum(counts.slice(end - steps)), before };
}

/** By how much it grew, 0.5 for half more; null where that says nothing. */
export function growth({ now, before }: Compared): number | null {
  return before > 0 ? (now - before) / before : null;
}

/** While some are left, nobody reads that all of them went. */
const LESS_MAX = 0.99;

/** A growth as it is told, without its sign: a whole 1 less means that none is left. */
export function toldGrowth(of: Compared): number | null {
  const grown = growth(of);
  if (grown === null) return null;
  return grown < 0 && of.now > 0 ? Math.min(-grown, LESS_MAX) : Math.abs(grown);
}

/** Steps gathered so that there are at most so many bars; the newest bar may be the narrow one. */
export function gathered(times: readonly string[], counts: readonly number[], most: number): Bar[] {
  const width = Math.max(1, Math.ceil(times.length / most));
  const bars: Bar[] = [];
  for (let at = 0; at < times.length; at += width) {
    bars.push({ at: times[at] ?? '', count: sum(counts.slice(at, at + width)) });
  }
  return bars;
}
