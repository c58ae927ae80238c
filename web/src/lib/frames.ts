/**
 * Reads stack traces of V8, Firefox, Safari, Python, Java, Go, C#, PHP and Ruby into frames.
 * Pure. Nothing is lost: a line that is no frame stays beside the frame it follows.
 */
import { libraryOf } from './libraries';

export interface Frame {
  fn: string;
  file: string;
  line: number | null;
  column: number | null;
  /** Lines that belong to the frame: Python's source line, for example. */
  source: string[];
  /** The library that the frame is of; null means our own code. */
  library: string | null;
  raw: string;
}

/** One error of a chain with its frames, in the order in which they were sent. */
export interface Block {
  heading: string[];
  frames: Frame[];
}

export interface Trace {
  blocks: Block[];
  /** Which end of a block is the place of the error. */
  order: 'newest-first' | 'oldest-first';
}

interface Found {
  fn: string;
  file: string;
  line: number | null;
  column: number | null;
}

const ANONYMOUS = '';

/** The trace exactly as it was sent, as one text. */
export function rawTrace(stack: string[] | string | undefined): string {
  if (stack === undefined) return '';
  if (typeof stack === 'string') return stack;
  // Python's `format_exception` ends each item with a line break of its own.
  return stack.map((item) => item.replace(/\n$/, '')).join('\n');
}

function integer(text: string | undefined): number | null {
  return text === undefined ? null : Number.parseInt(text, 10);
}

/** Splits `file:line:column` from the right, since paths hold colons too. */
function place(text: string): Omit<Found, 'fn'> | null {
  // A script without a name: what V8 calls it everywhere else.
  const nameless = /^:(\d+)(?::(\d+))?$/.exec(text);
  if (nameless) {
    return { file: '<anonymous>', line: integer(nameless[1]), column: integer(nameless[2]) };
  }
  const both = /^(.+?):(\d+):(\d+)$/.exec(text);
  if (both) return { file: both[1] ?? '', line: integer(both[2]), column: integer(both[3]) };
  const one = /^(.+?):(\d+)$/.exec(text);
  if (one) return { file: one[1] ?? '', line: integer(one[2]), column: null };
  return null;
}

function v8(line: string): Found | null {
  const match = /^\s*at (.+)$/.exec(line);
  if (!match) return null;
  const rest = (match[1] ?? '').trim();
  const evaluated = /^(.*?)\s*\(?eval at .*\((.+?:\d+:\d+)\)/.exec(rest);
  if (evaluated) {
    const outer = place(evaluated[2] ?? '');
    if (outer) return { fn: evaluated[1] || 'eval', ...outer };
  }
  const called = /^(.*\S)\s+\((.*)\)$/.exec(rest);
  if (called) {
    const inside = called[2] ?? '';
    const found = place(inside);
    if (found) return { fn: called[1] ?? ANONYMOUS, ...found };
    if (/^(native|<anonymous>|index \d+)/.test(inside)) {
      return { fn: called[1] ?? ANONYMOUS, file: inside, line: null, column: null };
    }
    return null;
  }
  const bare = rest.replace(/^async\s+/, '');
  const found = place(bare);
  return found && /[/\\.:<]/.test(found.file) ? { fn: ANONYMOUS, ...found } : null;
}

function java(line: string): Found | null {
  const match = /^\s*at ([\w$.<>/@-]+)\(([^()\s:]+)(?::(\d+))?\)(?:\s*~?\[.*\])?$/.exec(line);
  if (!match) return null;
  return { fn: match[1] ?? '', file: match[2] ?? '', line: integer(match[3]), column: null };
}

function dotnet(line: string): Found | null {
  const match = /^\s*at (.+\)) in (.+):line (\d+)$/.exec(line);
  if (!match) return null;
  return { fn: match[1] ?? '', file: match[2] ?? '', line: integer(match[3]), column: null };
}

function gecko(line: string): Found | null {
  const match = /^\s*([^@\s]?[^@]*)@(\S.*)$/.exec(line);
  if (!match) return null;
  const fn = (match[1] ?? '').trim();
  const target = match[2] ?? '';
  if (target === '[native code]') return { fn, file: target, line: null, column: null };
  const evaluated = /^(.+?) line (\d+) > (?:eval|Function)/.exec(target);
  if (evaluated) return { fn, file: evaluated[1] ?? '', line: integer(evaluated[2]), column: null };
  const found = place(target);
  return found && /[/\\.]/.test(found.file) ? { fn, ...found } : null;
}

function python(line: string): Found | null {
  const match = /^\s*(?:\|\s*)?File "(.+?)", line (\d+)(?:, in (.+))?$/.exec(line);
  if (!match) return null;
  return { fn: match[3] ?? '', file: match[1] ?? '', line: integer(match[2]), column: null };
}

function php(line: string): Found | null {
  const match = /^#\d+ (.+)\((\d+)\): (.+)$/.exec(line);
  if (!match) return null;
  return { fn: match[3] ?? '', file: match[1] ?? '', line: integer(match[2]), column: null };
}

function ruby(line: string): Found | null {
  const match = /^\s*(?:from )?(\/?[^\s:]+\.(?:rb|erb|rake)):(\d+):in [`'](.+)'$/.exec(line);
  if (!match) return null;
  return { fn: match[3] ?? '', file: match[1] ?? '', line: integer(match[2]), column: null };
}

/** Go and Rust name the function on one line and the place, indented, on the next. */
function placeBelow(line: string): Omit<Found, 'fn'> | null {
  const match = /^\s+(?:at )?(\S.*\.(?:go|rs|s)):(\d+)(?::(\d+))?(?: \+0x[\da-f]+)?$/.exec(line);
  if (!match) return null;
  return { file: match[1] ?? '', line: integer(match[2]), column: integer(match[3]) };
}

const READERS = [python, java, dotnet, v8, php, ruby, gecko] as const;

/** Where a chain goes on with another error. */
const CHAIN =
  /^\s*(Caused by:|Suppressed:|\[cause\]:|During handling of the above|The above exception was)/;

/** What one line of a trace is, once the frames before it are known. */
class Reading {
  readonly blocks: Block[] = [];
  reader: unknown = null;
  private block: Block = { heading: [], frames: [] };
  /** Go and Rust: the line before may name the function of a place on this one. */
  private before: { text: string; of: string[] } | null = null;
  /** Python names the error after its frames; what follows is the message, not source. */
  private named = false;

  line(text: string): void {
    if (!this.placeOfBefore(text) && !this.frame(text)) this.other(text);
  }

  finish(): void {
    if (this.block.frames.length > 0 || this.block.heading.length > 0) this.blocks.push(this.block);
    this.block = { heading: [], frames: [] };
    this.before = null;
    this.named = false;
  }

  private add(found: Found, raw: string, reader: unknown): void {
    const library = libraryOf(found.file, found.fn);
    this.block.frames.push({ ...found, source: [], library, raw });
    this.reader = reader;
    this.before = null;
  }

  private placeOfBefore(text: string): boolean {
    const found = this.before && placeBelow(text);
    if (!found || !this.before) return false;
    const { text: name, of } = this.before;
    of.pop();
    const fn = name
      .trim()
      .replace(/^\d+:\s+/, '')
      .replace(/\((?:0x|\.\.\.|\{).*\)$/, '()');
    this.add({ fn, ...found }, `${name}\n${text}`, placeBelow);
    return true;
  }

  private frame(text: string): boolean {
    for (const reader of READERS) {
      const found = reader(text);
      if (!found) continue;
      if (this.named) this.finish();
      this.add(found, text, reader);
      return true;
    }
    return false;
  }

  private other(text: string): void {
    const last = this.block.frames.at(-1);
    const restarts = /^\s*(?:\|\s*)?Traceback \(/.test(text);
    if (last && (restarts || CHAIN.test(text))) this.finish();
    if (restarts) return;
    const inPython = last !== undefined && this.reader === python && this.block.frames.length > 0;
    const isSource = inPython && !this.named && /^\s+\S/.test(text);
    if (inPython && !isSource) this.named = true;
    const open = this.block.frames.at(-1);
    const of = open && !this.named ? open.source : this.block.heading;
    of.push(text.trimEnd());
    this.before = { text, of };
  }
}

/** The frames of a stack; null when there is none that could be read. */
export function parseTrace(stack: string[] | string | undefined): Trace | null {
  const reading = new Reading();
  for (const line of rawTrace(stack).split(/\r?\n/)) if (line.trim() !== '') reading.line(line);
  reading.finish();
  if (!reading.blocks.some((block) => block.frames.length > 0)) return null;
  return {
    blocks: reading.blocks,
    order: reading.reader === python ? 'oldest-first' : 'newest-first',
  };
}

/** Without the indentation that all lines share: carets stay under what they point at. */
export function dedented(lines: readonly string[]): string {
  const widths = lines.filter((line) => line.trim()).map((line) => line.search(/\S/));
  const least = Math.min(...widths);
  return lines.map((line) => line.slice(Number.isFinite(least) ? least : 0)).join('\n');
}

/** A run of frames that are shown or folded together. */
export interface Run {
  frames: Frame[];
  folded: boolean;
  /** The libraries of a folded run, each named once. */
  libraries: string[];
}

/** If no frame is ours, these many are shown: a trace must never open empty. */
const SHOWN_OF_LIBRARIES = 5;

/** Groups frames, given newest first or last, into runs of ours and of libraries. */
export function runsOf(frames: readonly Frame[], newestFirst: boolean): Run[] {
  const ours = frames.some((frame) => frame.library === null);
  const runs: Run[] = [];
  frames.forEach((frame, index) => {
    const fromTop = newestFirst ? index : frames.length - 1 - index;
    const folded = ours ? frame.library !== null : fromTop >= SHOWN_OF_LIBRARIES;
    const last = runs.at(-1);
    if (last && last.folded === folded) last.frames.push(frame);
    else runs.push({ frames: [frame], folded, libraries: [] });
  });
  for (const run of runs) {
    const names = run.frames.map((frame) => frame.library);
    run.libraries = [...new Set(names.filter((name) => name !== null))];
    // Folding one single frame saves no line.
    if (run.folded && run.frames.length === 1 && frames.length <= 12) run.folded = false;
  }
  return runs;
}
