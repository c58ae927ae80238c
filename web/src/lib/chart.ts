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

/** Of a label, about: a character, one that is mostly empty, and what stands around them. */
const CHARACTER_PX = 7;
const THIN_PX = 4;
const AROUND_PX = 10;

export function labelPx(label: string): number {
  const thin = label.match(/[ .,:;|il-]/g)?.length ?? 0;
  return (label.length - thin) * CHARACTER_PX + thin * THIN_PX + AROUND_PX;
}

export interface Flag extends Mark {
  /** Where its line stands, from 0 to 1. */
  place: number;
  /** On which side of its line its label has room; null: on none. */
  side: 'right' | 'left' | null;
}

/**
 * Marks within a time in their order. A label stands right of its line and ends before the next
 * one; at the right edge it stands left of it. Where it has no room, there is the line alone.
 */
export function flagsOf(
  marks: readonly Mark[],
  begin: number,
  end: number,
  widthPx: number,
): Flag[] {
  let free = widthPx;
  return marks
    .filter(({ at }) => at >= begin && at <= end)
    .toSorted((a, b) => b.at - a.at)
    .map((mark, index, all): Flag => {
      const place = (mark.at - begin) / (end - begin || 1);
      const next = all[index + 1];
      const before = next ? ((next.at - begin) / (end - begin || 1)) * widthPx : 0;
      const line = place * widthPx;
      const fits = line + labelPx(mark.label) <= free;
      const turns = !fits && index === 0 && line - labelPx(mark.label) > before;
      free = turns ? line - labelPx(mark.label) : line;
      return { ...mark, place, side: fits ? 'right' : turns ? 'left' : null };
    })
    .toReversed();
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
