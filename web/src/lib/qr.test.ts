import { expect, test } from 'vitest';
import { qrCode, qrPath } from './qr';

/** Drawn by this, and read as "HI" by ZXing: what is right once stays as it is. */
const HI = [
  '#######.##..#.#######',
  '#.....#..#..#.#.....#',
  '#.###.#.#.#.#.#.###.#',
  '#.###.#.#..#..#.###.#',
  '#.###.#.###...#.###.#',
  '#.....#.......#.....#',
  '#######.#.#.#.#######',
  '.........##..........',
  '####..#.#.#..#..###.#',
  '.###.#..###.#..#.....',
  '#.##..####..#####..##',
  '###.#....#..##.....#.',
  '#....###...#.#..#.#.#',
  '........###..#.#..#.#',
  '#######..##..##.#.#..',
  '#.....#..#.####..#..#',
  '#.###.#..###..#..#..#',
  '#.###.#.#....#..#..#.',
  '#.###.#.#..#.#..###..',
  '#.....#.##.##.#.##..#',
  '#######.#..##..#.#...',
];
const drawn = (text: string) =>
  qrCode(text)?.map((row) => row.map((isDark) => (isDark ? '#' : '.')).join(''));

test('a short text is a code of the first version', () => {
  expect(drawn('HI')).toEqual(HI);
});

test('longer texts are larger codes, and ZXing reads each of these', async () => {
  const known: [length: number, size: number, sha256: string][] = [
    [17, 21, '6297c0fd9b1f5c76'],
    [100, 37, '17a5c5ec1f4b93f7'],
    [154, 45, 'a809e71715d4538d'],
    [367, 65, '06a6aa87193cae7d'],
    [700, 89, '38ef7aaa93585ce3'],
  ];
  for (const [length, size, sha256] of known) {
    const rows = drawn('x'.repeat(length)) ?? [];
    const text = new TextEncoder().encode(rows.join('\n'));
    const bytes = await crypto.subtle.digest('SHA-256', text);
    const hex = [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0'));
    expect([length, rows.length, hex.slice(0, 8).join('')]).toEqual([length, size, sha256]);
  }
});

test('the longest name there is fits, and what is longer yet is no code', () => {
  expect(qrCode('x'.repeat(858))?.length).toBe(97);
  expect(qrCode('x'.repeat(859))).toBeNull();
});

test('a path draws the dark modules alone', () => {
  expect(qrPath([[true, true, false], [false, false, true]])).toBe('M0 0h2v1h-2zM2 1h1v1h-1z');
});
