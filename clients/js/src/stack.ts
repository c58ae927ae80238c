// Reads stacks of V8, Firefox and Safari, and says which frame is to blame: the innermost of the
// program's own code. That frame makes the fingerprint, so its path must not hold what differs
// between machines and builds, and its column is left out.

export interface Frame {
  name: string;
  file: string;
  line: number;
  column: number;
}

export interface Place {
  file: string;
  line: number;
}

export interface StackRules {
  rootDir: string;
  inApp: readonly (string | RegExp)[];
}

const LINES_MAX = 100;

/** What a line of the client's own holds: each text of one of these. */
const own: string[][] = [];

/** Frames with all these texts are the client's: they are in no stack. */
export const disown = (...texts: string[]): unknown => own.push(texts);

/** The lines of a stack, without the message that V8 puts before it and the client's own frames. */
export function stackLines(error: unknown): string[] {
  let text: unknown;
  let head = '';
  try {
    text = (error as Error).stack;
    const { name, message } = error as Error;
    head = message ? `${name}: ${message}` : String(name);
  } catch {
    // A name or a message that is no text: what looks like frames is the stack.
    const lines = typeof text === 'string' ? text.split('\n', LINES_MAX) : [];
    return lines.filter((line) => frameOf(line));
  }
  if (typeof text !== 'string') return [];
  // By prefix: a message may hold lines that look like frames.
  const isWhole = text.startsWith(head);
  const rest = isWhole ? text.slice(head.length) : withoutMessage(text, error);
  const lines = rest.split('\n').map((line) => line.trimEnd());
  const isOwn = (line: string): boolean =>
    own.some((texts) => texts.every((one) => line.includes(one)));
  return lines.filter((line) => line && !isOwn(line)).slice(0, LINES_MAX);
}

/** For a stack that was taken before the name or the message changed. */
function withoutMessage(text: string, error: unknown): string {
  const message = `${(error as Error).message ?? ''}`;
  const at = message ? text.indexOf(message) : -1;
  return at >= 0 && at < 200 ? text.slice(at + message.length) : text;
}

const AT = /^(.*?):(\d+)(?::(\d+))?$/;

/** A frame, or nothing for lines that name no place. */
export function frameOf(line: string): Frame | undefined {
  const text = line.trim();
  const found = text.startsWith('at ') ? v8(text.slice(3)) : gecko(text);
  if (!found) return undefined;
  const [name, place] = found;
  const parts = AT.exec(place);
  if (!parts || !parts[1] || /^(<anonymous>|native|index \d+|\[native code])$/.test(parts[1])) {
    return undefined;
  }
  return { name, file: parts[1], line: Number(parts[2]), column: Number(parts[3] ?? 0) };
}

/** `fn (file:1:2)`, `async file:1:2`, `eval (eval at f (file:1:2), <anonymous>:1:6)`. */
function v8(text: string): [name: string, place: string] | undefined {
  const inEval = /\(eval at .*?\((.*?:\d+:\d+)\)/.exec(text);
  if (inEval) return ['eval', inEval[1]!];
  if (text.endsWith(')')) {
    // The first bracket with a blank before it: paths may hold brackets, names hardly do.
    const open = text.indexOf(' (');
    const name = text.slice(0, open).replace(/^(async |new )+/, '');
    if (open >= 0) return [name, text.slice(open + 2, -1)];
  }
  return ['', text.replace(/^async /, '')];
}

/** `fn@file:1:2`, in Firefox and Safari. Addresses hold `@`, too, names do not. */
function gecko(text: string): [name: string, place: string] | undefined {
  const at = text.indexOf('@');
  if (at < 0) return undefined;
  const inEval = /^(.*?) line (\d+) > (?:eval|Function)/.exec(text.slice(at + 1));
  const place = inEval ? `${inEval[1]}:${inEval[2]}` : text.slice(at + 1);
  return [text.slice(0, at).replace(/^async\*/, ''), place];
}

const FOREIGN = new RegExp(
  [
    '(^|[\\\\/])node_modules[\\\\/]',
    '^node:|^internal[\\\\/]|^native |<anonymous>|\\[native code]',
    '^[a-z]+(-web)?-extension:',
    'webpack[\\\\/](bootstrap|runtime)|/@vite/|/@react-refresh|\\(webpack\\)',
  ].join('|'),
);

/** The innermost frame of this call. */
export const ownFrame = (): Frame | undefined =>
  frameOf(stackLines(new Error('here')).find((line) => frameOf(line)) ?? '');

const fits = (file: string, patterns: readonly (string | RegExp)[]): boolean =>
  patterns.some((one) => (typeof one === 'string' ? file.includes(one) : one.test(file)));

export function isInApp(frame: Frame, rules: StackRules): boolean {
  if (rules.inApp.length && fits(frame.file, rules.inApp)) return true;
  return !FOREIGN.test(frame.file);
}

/**
 * The frame to blame of several stacks, the error's own first, then those of its causes: the
 * innermost of the program's own, or, if that is not asked for, the innermost of all.
 */
export function blame(
  stacks: readonly string[][],
  rules: StackRules,
  isOwnOnly: boolean,
): Place | undefined {
  for (const lines of stacks) {
    for (const line of lines) {
      const frame = frameOf(line);
      if (frame && (!isOwnOnly || isInApp(frame, rules))) return placed(frame, rules);
    }
  }
  return undefined;
}

/** The place of an error, and whether it is known to be the program's. */
export function placeIn(
  stacks: readonly string[][],
  rules: StackRules,
  otherwise: Place | undefined,
  isSure = false,
): [place: Place, isKnown: boolean] {
  const known = (isSure ? undefined : blame(stacks, rules, true)) ?? otherwise;
  return [known ?? blame(stacks, rules, false) ?? { file: 'unknown', line: 0 }, Boolean(known)];
}

const placed = (frame: Frame, rules: StackRules): Place => ({
  file: relative(frame.file, rules.rootDir),
  line: frame.line,
});

/** A failed request without a frame of the program: its method and path, without what varies. */
export function placeOfRequest(info: unknown): Place | undefined {
  const { method = 'GET', url } = (info ?? {}) as { method?: unknown; url?: unknown };
  if (!url) return undefined;
  const path = String(url).replace(/^[a-z]+:\/\/[^/]*/i, '').replace(/[?#].*$/, '');
  const template = path.replace(/\/(\d+|[0-9a-f-]{16,})(?=\/|$)/gi, '/{id}');
  return { file: `${String(method)} ${template}`, line: 0 };
}

// `app.3f9a2c1b.js`, `index-DiwrgTda.js`, `main.8a1bc2d3.chunk.js`; `user-settings.js` stays.
const HASH = /[.-](?:[0-9a-f]{8,}|(?=[\w-]*[A-Z0-9])[\w-]{8})(?=(\.[\w]+)*\.[cm]?[jt]sx?$)/;

/** A path as it is on every machine: from the project's root, without origin, query and hash. */
export function relative(file: string, rootDir: string): string {
  let path = file;
  if (/^[a-z][\w+.-]+:\/\//i.test(path)) {
    const isDisk = path.startsWith('file:');
    path = path.replace(/^[a-z][\w+.-]+:\/\/[^/]*/i, '').replace(/[?#].*$/, '');
    if (!isDisk) path = path.replace(/^\/+(\.\/)?/, '').replace(HASH, '');
    path = decoded(path).replace(/^\/(?=[A-Za-z]:\/)/, '');
  }
  path = path.replace(/\\/g, '/');
  const root = rootDir.replace(/\\/g, '/').replace(/\/$/, '');
  if (root && path.startsWith(`${root}/`)) return path.slice(root.length + 1);
  return path;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
