/** j and k on pages whose rows are links: the focused row is the one that keys act on. */
import { isTyping, keyName } from './keys';
import { prefs } from './prefs.svelte';

const ROWS = 'main a[data-row]';

/** The key that is meant for the page's rows, if any. */
export function rowKey(event: KeyboardEvent): string | null {
  if (isTyping(event.target) || document.querySelector('dialog[open]')) return null;
  const name = keyName(event);
  // Only single letters can be switched off; arrows and the like are nobody's typing.
  return prefs.singleKeys || (name !== null && name.length > 1) ? name : null;
}

/** What the focused row says of itself. */
export function focusedRow(): string | null {
  return document.activeElement?.closest<HTMLElement>(ROWS)?.dataset.row ?? null;
}

/** Focuses the next row, or the one before; from anywhere else, the first. */
export function stepRow(by: 1 | -1): void {
  const rows = [...document.querySelectorAll<HTMLElement>(ROWS)];
  const at = rows.indexOf(document.activeElement as HTMLElement);
  const row = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
  row?.focus();
  row?.scrollIntoView({ block: 'nearest' });
}
