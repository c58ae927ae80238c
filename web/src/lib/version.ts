/** The order of versions, as the server has it: by semver.org, with a leading `v`. Pure. */
interface Version {
  numbers: string[];
  /** What stands after the hyphen; nothing for a release. */
  pre: string[];
}

const NUMBER = '(?:0|[1-9]\\d*)';
const ID = '[0-9A-Za-z-]+';
const FORM = new RegExp(
  `^[vV]?(${NUMBER}(?:\\.${NUMBER}){0,2})(?:-(${ID}(?:\\.${ID})*))?(?:\\+${ID}(?:\\.${ID})*)?$`,
);

function read(text: string): Version | null {
  const [, core, pre] = FORM.exec(text.trim()) ?? [];
  if (core === undefined) return null;
  const ids = pre?.split('.') ?? [];
  if (ids.some((id) => /^0\d+$/.test(id))) return null;
  return { numbers: core.split('.'), pre: ids };
}

/** Numbers without leading zeros, as long as they like: the longer is the greater. */
const byDigits = (a: string, b: string) => a.length - b.length || byText(a, b);
const byText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

function byId(a: string, b: string): number {
  const [left, right] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (left && right) return byDigits(a, b);
  if (left || right) return left ? -1 : 1;
  return byText(a, b);
}

function byVersion(a: Version, b: Version): number {
  for (let at = 0; at < 3; at++) {
    const order = byDigits(a.numbers[at] ?? '0', b.numbers[at] ?? '0');
    if (order !== 0) return order;
  }
  // A release comes after all that led to it.
  if (a.pre.length === 0 || b.pre.length === 0) return b.pre.length - a.pre.length;
  for (const [at, id] of a.pre.entries()) {
    const other = b.pre[at];
    const order = other === undefined ? 1 : byId(id, other);
    if (order !== 0) return order;
  }
  return a.pre.length - b.pre.length;
}

/** The newest first; names that are no such versions follow as they came. */
export function newestFirst(names: readonly string[]): string[] {
  const all = names.map((name) => ({ name, version: read(name) }));
  const known = all.flatMap(({ name, version }) => (version ? [{ name, version }] : []));
  const rest = all.filter(({ version }) => version === null);
  return [...known.toSorted((a, b) => byVersion(b.version, a.version)), ...rest].map(
    ({ name }) => name,
  );
}
