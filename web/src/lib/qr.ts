/**
 * A text as a QR code (ISO/IEC 18004): its bytes, error correction L, versions 1 to 20, which is
 * 858 bytes. It is drawn here, since no secret goes to another host to be drawn there. Pure.
 */

/** By version from 1 on, at level L: how many blocks there are, and what each has for repair. */
const BLOCKS = [1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8];
const REPAIR = [7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28];
const BYTE_MODE = 0b0100;
const LEVEL_L = 0b01;

const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row + column) % 2) + ((row * column) % 3)) % 2 === 0,
];

/** Rows of modules, dark or light. */
export type Modules = readonly (readonly boolean[])[];

/** What is drawn so far: `null` where data goes. */
type Grid = (boolean | null)[][];

const sizeOf = (version: number) => 4 * version + 17;

/** Where alignment patterns stand, in both directions. */
function alignments(version: number): number[] {
  if (version === 1) return [];
  const count = Math.floor(version / 7) + 2;
  const step = Math.ceil((4 * version + 4) / (2 * count - 2)) * 2;
  const last = sizeOf(version) - 7;
  const from = (at: number) => last - step * (count - 1 - at);
  return [6, ...Array.from({ length: count - 1 }, (_, at) => from(at + 1))];
}

function set(grid: Grid, row: number, column: number, isDark: boolean): void {
  const line = grid[row];
  if (line && column >= 0 && column < line.length) line[column] = isDark;
}

/** Squares within squares; outside of the radius stands what sets them off. */
function square(grid: Grid, row: number, column: number, radius: number): void {
  const reach = radius === 3 ? radius + 1 : radius;
  for (let down = -reach; down <= reach; down++) {
    for (let right = -reach; right <= reach; right++) {
      const distance = Math.max(Math.abs(down), Math.abs(right));
      const isDark = distance <= radius && distance !== radius - 1;
      set(grid, row + down, column + right, isDark);
    }
  }
}

/** The number with the rest of its division behind it, in which a reader finds faults. */
function withRest(value: number, divisor: number, bits: number): number {
  let rest = value << bits;
  for (let at = 31 - Math.clz32(rest); at >= bits; at = 31 - Math.clz32(rest)) {
    rest ^= divisor << (at - bits);
  }
  return (value << bits) | rest;
}

function drawFormat(grid: Grid, mask: number): void {
  const bits = withRest((LEVEL_L << 3) | mask, 0x537, 10) ^ 0x5412;
  const size = grid.length;
  for (let at = 0; at < 15; at++) {
    const isDark = ((bits >> at) & 1) === 1;
    // Around the first finder, past the timing patterns; and once more, split between the others.
    if (at < 8) set(grid, at < 6 ? at : at + 1, 8, isDark);
    else set(grid, 8, at === 8 ? 7 : 14 - at, isDark);
    if (at < 8) set(grid, 8, size - 1 - at, isDark);
    else set(grid, size - 15 + at, 8, isDark);
  }
  set(grid, size - 8, 8, true);
}

function drawVersion(grid: Grid, version: number): void {
  if (version < 7) return;
  const bits = withRest(version, 0x1f25, 12);
  for (let at = 0; at < 18; at++) {
    const [near, far] = [Math.floor(at / 3), grid.length - 11 + (at % 3)];
    set(grid, near, far, ((bits >> at) & 1) === 1);
    set(grid, far, near, ((bits >> at) & 1) === 1);
  }
}

/** All that is no data. */
function frame(version: number): Grid {
  const size = sizeOf(version);
  const grid: Grid = Array.from({ length: size }, () => new Array(size).fill(null));
  for (let at = 0; at < size; at++) {
    set(grid, 6, at, at % 2 === 0);
    set(grid, at, 6, at % 2 === 0);
  }
  const places = alignments(version);
  for (const row of places) {
    for (const column of places) {
      const isFinder = [row, column].filter((at) => at === 6).length === 2
        || (row === 6 && column === size - 7)
        || (row === size - 7 && column === 6);
      if (!isFinder) square(grid, row, column, 2);
    }
  }
  for (const [row, column] of [[3, 3], [3, size - 4], [size - 4, 3]] as const) {
    square(grid, row, column, 3);
  }
  drawFormat(grid, 0);
  drawVersion(grid, version);
  return grid;
}

const POWERS: number[] = [];
for (let at = 0, value = 1; at < 255; at++) {
  POWERS.push(value);
  value = value < 128 ? value << 1 : (value << 1) ^ 0x11d;
}

function times(a: number, b: number): number {
  if (a === 0 || b === 0) return 0;
  return POWERS[(POWERS.indexOf(a) + POWERS.indexOf(b)) % 255] ?? 0;
}

/** Reed and Solomon's bytes behind a block, by which a reader repairs it. */
function repairOf(data: readonly number[], count: number): number[] {
  let divisor = [1];
  for (let at = 0; at < count; at++) {
    const root = POWERS[at] ?? 0;
    const shifted = [...divisor, 0];
    divisor = shifted.map((one, index) => one ^ times(divisor[index - 1] ?? 0, root));
  }
  const rest = new Array<number>(count).fill(0);
  for (const byte of data) {
    const factor = byte ^ (rest.shift() ?? 0);
    rest.push(0);
    for (let at = 0; at < count; at++) rest[at]! ^= times(divisor[at + 1] ?? 0, factor);
  }
  return rest;
}

/** Mode, length, the bytes, and what fills up the rest. */
function dataOf(bytes: Uint8Array, version: number, room: number): number[] {
  const bits: number[] = [];
  const put = (value: number, count: number) => {
    for (let at = count - 1; at >= 0; at--) bits.push((value >> at) & 1);
  };
  put(BYTE_MODE, 4);
  put(bytes.length, lengthBits(version));
  for (const byte of bytes) put(byte, 8);
  put(0, Math.min(4, room * 8 - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  const data: number[] = [];
  for (let at = 0; at < bits.length; at += 8) {
    data.push(bits.slice(at, at + 8).reduce((sum, bit) => sum * 2 + bit, 0));
  }
  for (let at = 0; data.length < room; at++) data.push(at % 2 === 0 ? 0xec : 0x11);
  return data;
}

const lengthBits = (version: number) => (version < 10 ? 8 : 16);

/** Blocks of nearly the same length, byte by byte in turn, then what repairs them alike. */
function interleaved(data: readonly number[], version: number): number[] {
  const count = BLOCKS[version - 1] ?? 1;
  const shortBytes = Math.floor(data.length / count);
  const shortCount = count - (data.length % count);
  const blocks: number[][] = [];
  for (let at = 0, start = 0; at < count; at++) {
    const end = start + shortBytes + (at < shortCount ? 0 : 1);
    blocks.push(data.slice(start, end));
    start = end;
  }
  const repairs = blocks.map((block) => repairOf(block, REPAIR[version - 1] ?? 0));
  const inTurn = (lists: number[][]) =>
    Array.from({ length: Math.max(...lists.map((list) => list.length)) }, (_, at) =>
      lists.flatMap((list) => list[at] ?? []),
    ).flat();
  return [...inTurn(blocks), ...inTurn(repairs)];
}

/** Where data goes, in its order: columns in pairs from the right, up and down in turn. */
function path(grid: Grid): [row: number, column: number][] {
  const places: [number, number][] = [];
  const size = grid.length;
  let isUp = true;
  for (let right = size - 1; right > 0; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step++) {
      const row = isUp ? size - 1 - step : step;
      for (const column of [right, right - 1]) {
        if (grid[row]?.[column] === null) places.push([row, column]);
      }
    }
    isUp = !isUp;
  }
  return places;
}

/** How hard it is to read: long runs, blocks, what looks like a finder, too much of one shade. */
function penalty(modules: Modules): number {
  const text = (line: readonly boolean[]) => line.map(Number).join('');
  const columns = modules.map((_, at) => modules.map((row) => row[at] ?? false));
  let sum = 0;
  for (const line of [...modules, ...columns].map(text)) {
    for (const [run] of line.matchAll(/0{5,}|1{5,}/g)) sum += run.length - 2;
    sum += 40 * [...line.matchAll(/(?=10111010000|00001011101)/g)].length;
  }
  let dark = 0;
  modules.forEach((row, down) =>
    row.forEach((isDark, right) => {
      if (isDark) dark += 1;
      const others = [row[right + 1], modules[down + 1]?.[right], modules[down + 1]?.[right + 1]];
      if (others.every((other) => other === isDark)) sum += 3;
    }),
  );
  const share = dark / modules.length ** 2;
  return sum + 10 * Math.floor(Math.abs(share * 100 - 50) / 5);
}

function masked(grid: Grid, bits: ReadonlyMap<string, boolean>, mask: number): Modules {
  const drawn = grid.map((row) => [...row]);
  drawFormat(drawn, mask);
  return drawn.map((row, down) =>
    row.map((isDark, right) => {
      const bit = bits.get(`${down},${right}`);
      return bit === undefined ? isDark === true : bit !== MASKS[mask]?.(down, right);
    }),
  );
}

/** Null when the text is too long to be scanned from a screen. */
export function qrCode(text: string): Modules | null {
  const bytes = new TextEncoder().encode(text);
  for (let version = 1; version <= BLOCKS.length; version++) {
    const grid = frame(version);
    const places = path(grid);
    const repair = (BLOCKS[version - 1] ?? 0) * (REPAIR[version - 1] ?? 0);
    const room = Math.floor(places.length / 8) - repair;
    if (4 + lengthBits(version) + 8 * bytes.length > 8 * room) continue;
    const all = interleaved(dataOf(bytes, version, room), version);
    const bit = (at: number) => (((all[at >> 3] ?? 0) >> (7 - (at % 8))) & 1) === 1;
    const bits = new Map(places.map(([row, column], at) => [`${row},${column}`, bit(at)]));
    const choices = MASKS.map((_, mask) => masked(grid, bits, mask));
    return choices.reduce((best, one) => (penalty(one) < penalty(best) ? one : best));
  }
  return null;
}

/** The dark modules as the path of an SVG, a module a unit, runs of a row in one piece. */
export function qrPath(modules: Modules): string {
  const run = /1+/g;
  return modules
    .flatMap((row, down) =>
      [...row.map(Number).join('').matchAll(run)].map(
        ({ index, 0: { length } }) => `M${index} ${down}h${length}v1h-${length}z`,
      ),
    )
    .join('');
}
