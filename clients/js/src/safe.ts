// Any value as JSON that is safe to send: bounded, without cycles, without secrets. It never
// throws, whatever getters and proxies do.

const DEPTH_MAX = 5;
const KEYS_MAX = 100;
const TEXT_MAX = 8_192;
/** Characters of all texts of one report's context together. */
const TOTAL_MAX = 200_000;
const VALUE_COST = 10;

export const SCRUBBED = '[scrubbed]';

// Whole words of a name, so that `max_tokens` and `keyboard` stay. The server looks again, harder.
const SECRET_WORDS = new RegExp(
  [
    '(^|_)(pass|pwd|auth|cookies?|session|csrf|xsrf|jwt|bearer|otp|cvv|cvc|cvn|ssn|pin|tokens?',
    'authori[sz]ation|sess(ion)?_?id|sid|sig(nature)?|iban|(auth|totp|mfa|verification)_code',
    'api_?keys?|(private|access|secret|signing|encryption|auth|stripe|log_center)_?key',
    '(card|cc)(_?(no|num|number))?)(_(value|id|key|hash|header|number))?$',
    'passw(or)?d|passphrase|passcode|secret|credential|(api|access|auth|csrf|refresh|id)_?token',
    'contrase(ñ|n)a|mot_de_passe|passwort|senha|密码|密碼|口令|密钥|令牌|парол',
  ].join('|'),
);
const NOT_SECRET = new RegExp(
  '^(has|is|max|min|num|total|count|n|prompt|completion|input|output|next|page)_|' +
    '_(count|length|limit|type|name|enabled|required|expires?|at)$',
);

/** `accessToken`, `Access-Token` and `ACCESS_TOKEN` are the same name. */
const plain = (name: string): string =>
  name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .toLowerCase();

// Names repeat in every report; a look-up is ten times quicker than the patterns.
const known = new Map<string, boolean>();

function isSecretWord(name: string): boolean {
  let found = known.get(name);
  if (found === undefined) {
    const words = plain(name);
    found = SECRET_WORDS.test(words) && !NOT_SECRET.test(words);
    if (known.size > 2_000) known.clear();
    known.set(name, found);
  }
  return found;
}

/** Whether the values of a field are secrets. `more` are the team's own names. */
export function isSecretName(name: string, more: readonly (string | RegExp)[] = []): boolean {
  if (isSecretWord(name)) return true;
  return more.some((one) =>
    typeof one === 'string' ? plain(name).includes(plain(one)) : matches(one, name),
  );
}

/** Whether a pattern fits, without the memory that `g` and `y` give it. */
export function matches(pattern: RegExp, text: string): boolean {
  pattern.lastIndex = 0;
  return pattern.test(text);
}

const BEARER = /\b(bearer|basic)\s+[\w.~+/=-]{8,}/gi;
const JWT = /\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*/g;
const PEM = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g;
const IN_URL = /(\b[a-z][\w+.-]{1,30}:\/\/)[^\s/?#@]{1,256}@/gi;
/** `a=b` in addresses, forms and connection strings, with `%3D` for `=` inside an address. */
const PAIR = /([\w.\-[\]]|%(?!3D)[\dA-F]{2}){2,64}(=|%3D)("[^"]*"|'[^']*'|[^\s&;,'"#()]+)/gi;
/** `password = 'b'` in SQL and source. */
const SET = /([\w.-]{2,64})(\s{1,3}=\s{0,3})("[^"]*"|'[^']*')/g;
/** `"password":"b"`, also quoted once more, and `password: 'b'` as Node prints objects. */
const QUOTED = /([\w.-]{2,64})(\\{0,3}["']?\s{0,3}:\s{0,3})(\\{0,3}["'])(?:(?!\3).)*\3/g;
/** Lines of HTTP, and `password: s3cret`: not `password: too short`. */
const HEADER = /\b((?:proxy-)?authorization|(?:set-)?cookie|x-[\w-]{2,64})(:\s?)([^\r\n"']+)/gi;
const SAID = /([\w.-]{3,64})(: ?)(?=[^\s"']*[\d!$%&*+@^~])([^\s"',;)}]{4,})/g;
/** `--password s3cret` on a command line. */
const FLAG = /(--?([\w-]{3,64}))\s+(?!-)([^\s"']+|"[^"]*"|'[^']*')/g;
const KNOWN = /\b(gh[pousr]_|github_pat_|glpat-|xox[abprs]-|[sr]k_live_|sk-|AKIA|AIza)[\w-]{12,}/g;
/** PostgreSQL tells the whole row that it refuses. */
const ROW = /(Failing row contains )\([^\n]*\)/g;
const CARD = /\b\d(?:[ -]?\d){12,18}\b/g;

/** Replaces what is a secret by its look: in messages, addresses, stacks. */
export function scrubText(text: string, more?: readonly (string | RegExp)[]): string {
  if (text.length < 8) return text;
  let clean = text;
  if (/bearer|basic/i.test(clean)) clean = clean.replace(BEARER, `$1 ${SCRUBBED}`);
  if (clean.includes('eyJ')) clean = clean.replace(JWT, SCRUBBED);
  if (clean.includes('PRIVATE KEY')) clean = clean.replace(PEM, SCRUBBED);
  if (clean.includes('@')) clean = clean.replace(IN_URL, `$1${SCRUBBED}@`);
  if (clean.includes('Failing row')) clean = clean.replace(ROW, `$1(${SCRUBBED})`);
  clean = scrubPairs(clean.replace(KNOWN, SCRUBBED), more);
  return /\d{4}/.test(clean) ? clean.replace(CARD, (all) => (isCard(all) ? SCRUBBED : all)) : clean;
}

/** What is named like a secret, in each way that texts name things. */
function scrubPairs(
  text: string,
  more: readonly (string | RegExp)[] | undefined,
  isInner = false,
): string {
  let clean = text;
  const isSecret = (name: string): boolean => isSecretName(decoded(name), more);
  if (/=|%3D/i.test(clean)) {
    clean = clean.replace(PAIR, (all: string, _, sign: string) => {
      const begin = all.slice(0, all.indexOf(sign) + sign.length);
      if (isSecret(begin.slice(0, -sign.length))) return begin + SCRUBBED;
      // An address within an address, and no deeper.
      if (isInner) return all;
      const told = all.slice(begin.length);
      return /=|%3D/i.test(told) ? begin + scrubPairs(told, more, true) : all;
    });
    clean = clean.replace(SET, (all: string, name: string, sign: string) =>
      isSecret(name) ? `${name}${sign}${SCRUBBED}` : all,
    );
  }
  if (clean.includes(':')) {
    clean = clean.replace(HEADER, (all: string, name: string, sign: string) =>
      isSecret(name) ? `${name}${sign}${SCRUBBED}` : all,
    );
    clean = clean.replace(QUOTED, (all: string, name: string, sign: string, quote: string) =>
      isSecret(name) ? `${name}${sign}${quote}${SCRUBBED}${quote}` : all,
    );
    clean = clean.replace(SAID, (all: string, name: string, sign: string) =>
      isSecret(name) ? `${name}${sign}${SCRUBBED}` : all,
    );
  }
  if (!clean.includes('--')) return clean;
  return clean.replace(FLAG, (all: string, flag: string, name: string) =>
    isSecret(name) ? `${flag} ${SCRUBBED}` : all,
  );
}

function decoded(name: string): string {
  try {
    return name.includes('%') ? decodeURIComponent(name) : name;
  } catch {
    return name;
  }
}

function isCard(text: string): boolean {
  const digits = text.replace(/\D/g, '');
  if (!/^(3[4-7]|4|5[1-5]|2[2-7]|6[0245])/.test(digits)) return false;
  let sum = 0;
  for (let at = 0; at < digits.length; at += 1) {
    let digit = Number(digits[digits.length - 1 - at]);
    if (at % 2) digit = digit > 4 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 === 0;
}

/** Half a character (a lone surrogate) is no UTF-8: servers refuse or replace it. */
const wellFormed = (text: string): string =>
  text.replace(/[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g, (one) =>
    one.length > 1 ? one : '\ufffd',
  );

interface Pass {
  left: number;
  open: Set<unknown>;
  more: readonly (string | RegExp)[] | undefined;
}

/** The copy of a value that may be sent. */
export function safe(value: unknown, more?: readonly (string | RegExp)[]): unknown {
  return copy(value, 0, { left: TOTAL_MAX, open: new Set(), more });
}

/** A text that may be sent, whatever it was: `String()` itself may throw. */
export function safeText(value: unknown, most = TEXT_MAX): string {
  let text: string;
  try {
    text = typeof value === 'string' ? value : String(value);
  } catch {
    text = '[no text]';
  }
  return wellFormed(text.length > most ? `${text.slice(0, most)}…` : text);
}

function copy(value: unknown, depth: number, pass: Pass): unknown {
  // Numbers and brackets weigh as well: a few lists, one in the other, hold millions.
  pass.left -= VALUE_COST;
  switch (typeof value) {
    case 'string': {
      if (pass.left <= 0) return '[cut]';
      const text = scrubText(safeText(value), pass.more);
      pass.left -= text.length;
      return text;
    }
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'boolean':
    case 'undefined':
      return value;
    case 'object':
      return value === null ? null : copyObject(value, depth, pass);
    case 'function':
      return `[function ${safeText(value.name, 64)}]`;
    default:
      return safeText(value, 256);
  }
}

function copyObject(value: object, depth: number, pass: Pass): unknown {
  if (pass.open.has(value)) return '[circular]';
  if (pass.left <= 0) return '[cut]';
  try {
    if (value instanceof Date) return Number.isNaN(+value) ? 'Invalid Date' : value.toISOString();
    if (value instanceof RegExp || value instanceof URL) return copy(String(value), depth, pass);
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      return `[${value.byteLength} bytes]`;
    }
    if (depth >= DEPTH_MAX) return Array.isArray(value) ? '[array]' : '[object]';
    pass.open.add(value);
    return copyMembers(value, depth, pass);
  } catch {
    return '[unreadable]';
  } finally {
    pass.open.delete(value);
  }
}

function copyMembers(value: object, depth: number, pass: Pass): unknown {
  if (isErrorLike(value)) {
    // Not its own members: axios keeps the caller's Authorization header there.
    const { name, message, code } = value as Error & { code?: unknown };
    return copy({ type: name, message, code }, depth, pass);
  }
  const isList = Array.isArray(value) || value instanceof Set;
  if (isList) {
    const all: unknown[] = [];
    if (isSecretPair(value, pass.more)) return [safeText(value[0], 256), SCRUBBED];
    for (const one of value) {
      if (all.length >= KEYS_MAX || pass.left <= 0) break;
      all.push(copy(one, depth + 1, pass) ?? null);
    }
    return all;
  }
  const made = (value as { toJSON?: unknown }).toJSON;
  if (typeof made === 'function') {
    const plainer: unknown = made.call(value);
    if (plainer !== value) return copy(plainer, depth, pass);
  }
  const members =
    value instanceof Map
      ? value.entries()
      : Object.keys(value).map((name) => [name, undefined] as const);
  // `{ name: 'password', value: 'b' }` as forms, headers and archives have it.
  const { name: title, key, value: told } = value as Record<string, unknown>;
  const named = told === undefined ? undefined : (title ?? key);
  const isSecretValue = typeof named === 'string' && isSecretName(named, pass.more);
  const result: Record<string, unknown> = {};
  let count = 0;
  for (const [member, held] of members) {
    if ((count += 1) > KEYS_MAX || pass.left <= 0) break;
    const name = scrubText(safeText(member, 256), pass.more);
    pass.left -= name.length;
    const one = value instanceof Map ? held : read(value, String(member));
    const isHidden = isSecretName(name, pass.more) || (isSecretValue && name === 'value');
    const clean =
      one != null && one !== '' && typeof one !== 'boolean' && isHidden
        ? SCRUBBED
        : copy(one, depth + 1, pass);
    // Not `result[name]`, for which `__proto__` is no name.
    Object.defineProperty(result, name, { value: clean, enumerable: true, configurable: true });
  }
  return result;
}

/** `['cookie', 'a=b']`, as lists of headers and forms hold it. */
const isSecretPair = (
  value: unknown,
  more: readonly (string | RegExp)[] | undefined,
): value is [string, string] =>
  Array.isArray(value) &&
  value.length === 2 &&
  typeof value[0] === 'string' &&
  typeof value[1] === 'string' &&
  isSecretName(value[0], more);

function read(value: object, name: string): unknown {
  try {
    return (value as Record<string, unknown>)[name];
  } catch {
    return '[unreadable]';
  }
}

/** Errors of other realms (frames, vm) are errors, too. */
function isErrorLike(value: object): boolean {
  if (value instanceof Error) return true;
  const { message, stack } = value as Partial<Error>;
  return typeof message === 'string' && typeof stack === 'string';
}

/** Puts what can be read of a value's own members into an object; getters may throw. */
export function take<T extends object>(into: T, from: unknown): T & Record<string, unknown> {
  const result = into as T & Record<string, unknown>;
  try {
    if (typeof from !== 'object' || from === null) {
      if (from != null) Object.assign(result, { details: from });
      return result;
    }
    for (const name of Object.keys(from)) Object.assign(result, { [name]: read(from, name) });
  } catch {
    // A proxy that says nothing of itself.
  }
  return result;
}
