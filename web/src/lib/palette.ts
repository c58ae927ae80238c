/** The commands of the palette, and how well a text fits them. Pure. */

export interface Command {
  id: string;
  group: 'page' | 'project' | 'view' | 'action' | 'issue' | 'search';
  label: string;
  /** Said beside it, and searched too. */
  hint?: string;
  /** The single key that does the same. */
  keys?: string;
}

/**
 * How well a text fits: 0 not at all; a whole beginning goes before a word's beginning, before a
 * part, before letters that only come in this order.
 */
export function fit(label: string, typed: string): number {
  const text = label.toLowerCase();
  const wanted = typed.trim().toLowerCase();
  if (wanted === '') return 1;
  if (text.startsWith(wanted)) return 5;
  const at = text.indexOf(wanted);
  if (at > 0) return /[\s_\-./:]/.test(text[at - 1] as string) ? 4 : 3;
  const words = wanted.split(/\s+/);
  if (words.length > 1 && words.every((word) => text.includes(word))) return 2;
  // Letters in order mean something only in short names.
  if (wanted.length < 2 || /\s/.test(wanted) || text.length > 40) return 0;
  let from = 0;
  for (const letter of wanted) {
    const found = text.indexOf(letter, from);
    if (found < 0) return 0;
    from = found + 1;
  }
  return 1;
}

export function ranked(commands: readonly Command[], typed: string, max: number): Command[] {
  return commands
    .map((command, index) => ({
      command,
      index,
      score: Math.max(fit(command.label, typed), fit(command.hint ?? '', typed) - 1),
    }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, max)
    .map(({ command }) => command);
}

/** The issue that is meant by `#12` or `12`. */
export function issueIdOf(typed: string): number | null {
  const digits = /^#?([1-9]\d{0,15})$/.exec(typed.trim())?.[1];
  return digits ? Number(digits) : null;
}
