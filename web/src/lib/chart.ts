/** Hourly counts gathered into wider bars and into days. Pure. */
export interface Bar {
  /** When the bar begins, RFC 3339. */
  at: string;
  count: number;
}

/** A moment that a chart marks. */
export interface Mark {
  /** Milliseconds since 1970. */
  at: number;
  label: string;
  /** A name from a report, which nobody translates. */
  isName?: boolean;
}

/** When a bar of a row of equal ones ends, in milliseconds since 1970. */
export function endOf(bars: readonly Bar[], bar: Bar): number {
  const [first, second] = bars;
  const width = first && second ? Date.parse(second.at) - Date.parse(first.at) : 0;
  return Date.parse(bar.at) + width;
}

/** Bars of some hours each; the last one ends with the newest hour. */
export function barsOf(times: readonly string[], counts: readonly number[], hours: number): Bar[] {
  const bars: Bar[] = [];
  for (let end = times.length; end > 0; end -= hours) {
    const start = Math.max(0, end - hours);
    const count = counts.slice(start, end).reduce((sum, one) => sum + one, 0);
    bars.unshift({ at: times[start] ?? '', count });
  }
  return bars;
}

/** Sums by the days of the reader's own zone. */
export function daysOf(times: readonly string[], counts: readonly number[]): Bar[] {
  const days = new Map<string, Bar>();
  times.forEach((at, index) => {
    const key = new Date(at).toDateString();
    const day = days.get(key);
    if (day) day.count += counts[index] ?? 0;
    else days.set(key, { at, count: counts[index] ?? 0 });
  });
  return [...days.values()];
}
