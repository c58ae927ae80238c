/** All that a test needs of Node: a real shell. The browser's code sees no more of it than this. */
declare module 'node:child_process' {
  export function execFileSync(
    file: string,
    args: readonly string[],
    options: { encoding: 'utf8' },
  ): string;
}
