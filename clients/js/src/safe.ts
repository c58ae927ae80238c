// Any value as JSON that is safe to send: bounded, without cycles, without secrets. It never
// throws, whatever getters and proxies do.

const DEPTH_MAX = 5;
const KEYS_MAX = 100;
const TEXT_MAX = 8_192;
/** Characters of all texts of one report's context together. */
const TOTAL_MAX = 200_000;

export const SCRUBBED = '[scrubbed]';

// Whole words of a name, so that `max_tokens` and `keyboard` stay. The server looks again, harder.
const SECRET_WORDS = new RegExp(
  [
    '(^|_)(pass|pwd|auth|cookies?|session|csrf|xsrf|jwt|bearer|otp|cvv|cvc|cvn|ssn|pin|tokens?',
    'authori[sz]ation|sess(ion)?_?id|api_?keys?|(private|access|secret|signing|encryption)_?key',
    '(card|cc)(_?(no|num|number))?)(_(value|id|key|hash|header|number))?$',
    'passw(or)?d|passphrase|passcode|secret|credential|(api|access|auth|csrf|refresh|id)_?token',
    '密码|密碼|口令|密钥|令牌|парол',
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
const IN_URL = /(\b[a-z][\w+.-]*:\/\/)[^\s/@:]*:[^\s/@]+@/gi;
const PAIR = /([?&;]|^)([\w.%\-[\]]{2,64})=([^&\s#;]+)/g;
const CARD = /\b\d(?:[ -]?\d){12,18}\b/g;

/** Replaces what is a secret by its look: in messages, addresses, stacks. */
export function scrubText(text: string, more?: readonly (string | RegExp)[]): string {
  if (text.length < 8) return text;
  let clean = text;
  if (/bearer|basic/i.test(clean)) clean = clean.replace(BEARER, `$1 ${SCRUBBED}`);
  if (clean.includes('eyJ')) clean = clean.replace(JWT, SCRUBBED);
  if (clean.includes('PRIVATE KEY')) clean = clean.replace(PEM, SCRUBBED);
  if (clean.includes('@')) clean = clean.replace(IN_URL, `$1${SCRUBBED}@`);
  if (clean.includes('=')) {
    clean = clean.replace(PAIR, (all: string, before: string, name: string) =>
      isSecretName(name, more) ? `${before}${name}=${SCRUBBED}` : all,
    );
  }
  return /\d{4}/.test(clean) ? clean.replace(CARD, (all) => (isCard(all) ? SCRUBBED : all)) : clean;
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
  if (value instanceof Error) {
    // Not its own members: axios keeps the caller's Authorization header there.
    const { name, message, code } = value as Error & { code?: unknown };
    return copy({ type: name, message, code }, depth, pass);
  }
  const isList = Array.isArray(value) || value instanceof Set;
  if (isList) {
    const all: unknown[] = [];
    for (const one of value) {
      if (all.length >= KEYS_MAX) break;
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
  const result: Record<string, unknown> = {};
  let count = 0;
  for (const [key, held] of members) {
    if ((count += 1) > KEYS_MAX) break;
    const name = safeText(key, 256);
    pass.left -= name.length;
    const one = value instanceof Map ? held : read(value, name);
    const clean =
      one != null && one !== '' && typeof one !== 'boolean' && isSecretName(name, pass.more)
        ? SCRUBBED
        : copy(one, depth + 1, pass);
    // Not `result[name]`, for which `__proto__` is no name.
    Object.defineProperty(result, name, { value: clean, enumerable: true, configurable: true });
  }
  return result;
}

function read(value: object, name: string): unknown {
  try {
    return (value as Record<string, unknown>)[name];
  } catch {
    return '[unreadable]';
  }
}
