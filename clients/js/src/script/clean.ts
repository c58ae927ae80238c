// What may leave a page, in as few bytes as can be. Log Center scrubs again, and harder.

const SECRET =
  /pass(word|wd|phrase)|^pass$|pwd|secret|token$|authori[sz]ation|cookie|session|csrf|credential/i;
const MORE = /api.?key|private.?key|card.?n|^cvv|^pin$|^otp$|signature$|^sig$|iban$|密码|парол/i;
/** `a=b`, `a = 'b'`, `"a":"b"`, also quoted once more; `a: b` if `b` is no word. */
const PAIR = /([\w.-]{2,64})(\\*["']? ?(?:=|:) ?)(\\*(["']).*?\4|[^\s&;,'"#(){}]+)/g;
const SEEN = new RegExp(
  '\\b(bearer|basic)\\s+[\\w.~+/=-]{8,}|\\beyJ[\\w-]{5,}\\.[\\w-]{5,}\\.[\\w-]*' +
    '|\\b(gh[pousr]_|glpat-|xox[abprs]-|[sr]k_live_|AKIA|AIza)[\\w-]{12,}',
  'gi',
);
const IN_URL = /:\/\/[^\s/?#@]{1,256}@/g;
const SCRUBBED = '[scrubbed]';
const TEXT_MAX = 8_192;
const KEYS_MAX = 100;
const DEPTH_MAX = 5;

const isSecret = (name: string): boolean => SECRET.test(name) || MORE.test(name);

export function cleanText(value: unknown): string {
  try {
    return String(value)
      .slice(0, TEXT_MAX)
      .replace(SEEN, SCRUBBED)
      .replace(IN_URL, `://${SCRUBBED}@`)
      .replace(PAIR, (all: string, name: string, sign: string, told: string, quote?: string) =>
        isSecret(name) && (quote || sign.includes('=') || /\d/.test(told))
          ? name + sign + SCRUBBED
          : all,
      );
  } catch {
    return '[no text]';
  }
}

export function clean(value: unknown, depth = 0): unknown {
  try {
    if (typeof value !== 'object' || value === null) {
      return typeof value === 'number' || typeof value === 'boolean' || value == null
        ? value
        : cleanText(value);
    }
    // A cycle ends here as well.
    if (depth > DEPTH_MAX) return '[object]';
    if (Array.isArray(value)) return value.slice(0, KEYS_MAX).map((one) => clean(one, depth + 1));
    if (value instanceof Date || value instanceof Error) return cleanText(value);
    const result: Record<string, unknown> = {};
    for (const [name, one] of Object.entries(value).slice(0, KEYS_MAX)) {
      result[name] = isSecret(name) && one ? SCRUBBED : clean(one, depth + 1);
    }
    return result;
  } catch {
    return '[unreadable]';
  }
}
