/**
 * Which rows of a long list are in the page. Rows go by blocks, whose heights are measured once
 * they were shown, so that rows may be of any height. Pure.
 */

export const BLOCK_ROWS = 20;
/** Up to here all rows are in the page: the browser's own search and readers find them. */
export const ALL_ROWS_MAX = 500;
/** How far beside the screen rows are kept, in pixels: more than a turn of the wheel. */
const BESIDE_PX = 900;
/** Of a row that was never shown. */
const ROW_PX = 53;

export interface Shown {
  /** The first row, and the one after the last. */
  from: number;
  to: number;
  /** The height of what is left out, in pixels. */
  before: number;
  after: number;
}

export type Heights = readonly (number | undefined)[];

/** The usual height of a block: what the measured ones have. */
function usual(heights: Heights): number {
  const known = heights.filter((height) => height !== undefined);
  if (known.length === 0) return BLOCK_ROWS * ROW_PX;
  return known.reduce((total, height) => total + height, 0) / known.length;
}

/** The rows for a screen that reaches from `top` to `bottom`, measured from the list's head. */
export function shownRows(rows: number, heights: Heights, top: number, bottom: number): Shown {
  if (rows <= ALL_ROWS_MAX) return { from: 0, to: rows, before: 0, after: 0 };
  const blocks = Math.ceil(rows / BLOCK_ROWS);
  const other = usual(heights.slice(0, blocks));
  const shown: Shown = { from: 0, to: 0, before: 0, after: 0 };
  let at = 0;
  for (let block = 0; block < blocks; block++) {
    const isLast = block === blocks - 1;
    const part = isLast ? (rows - block * BLOCK_ROWS) / BLOCK_ROWS : 1;
    const height = heights[block] ?? other * part;
    if (at + height < top - BESIDE_PX && !isLast) {
      shown.before += height;
      shown.from = (block + 1) * BLOCK_ROWS;
    } else if (at > bottom + BESIDE_PX) shown.after += height;
    else shown.to = Math.min(rows, (block + 1) * BLOCK_ROWS);
    at += height;
  }
  if (shown.to <= shown.from) shown.to = Math.min(rows, shown.from + BLOCK_ROWS);
  return shown;
}

/** Where a row begins, as far as that is known. */
export function rowTop(row: number, heights: Heights): number {
  const block = Math.floor(row / BLOCK_ROWS);
  const other = usual(heights);
  let at = 0;
  for (let before = 0; before < block; before++) at += heights[before] ?? other;
  return at + ((row - block * BLOCK_ROWS) / BLOCK_ROWS) * (heights[block] ?? other);
}
