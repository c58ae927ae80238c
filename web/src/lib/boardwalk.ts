/** Walking over the cards of the board by keys: the focused card is the one that keys act on. */
import { ORDER } from './board';
import type { Status } from './types';

const ARROWS: Record<string, string> = {
  ArrowDown: 'j',
  ArrowUp: 'k',
  ArrowLeft: 'h',
  ArrowRight: 'l',
};

/** Arrows are letters once a card has the focus; before, they scroll. */
export function walkKey(name: string | null, onCard: boolean): string | null {
  return name && onCard ? (ARROWS[name] ?? name) : name;
}

export function focusCard(id: number): void {
  document.querySelector<HTMLElement>(`main a[data-row="${id}"]`)?.focus();
}

function cardsAt(status: Status): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(`[data-status=${status}] a[data-row]`)];
}

function walkAcross(from: Status, at: number, by: 1 | -1): void {
  for (let to = ORDER.indexOf(from) + by; ORDER[to]; to += by) {
    const cards = cardsAt(ORDER[to] as Status);
    if (cards.length === 0) continue;
    cards[Math.min(at, cards.length - 1)]?.focus();
    return;
  }
}

/** Along a column, or to the nearest one that has cards; from no card, to the first of all. */
export function walk(from: Status | null, key: string): void {
  if (from === null) {
    document.querySelector<HTMLElement>('main [data-status] a[data-row]')?.focus();
    return;
  }
  const cards = cardsAt(from);
  const at = cards.indexOf(document.activeElement as HTMLElement);
  if (key === 'h' || key === 'l') walkAcross(from, at, key === 'l' ? 1 : -1);
  else cards[Math.max(0, Math.min(cards.length - 1, at + (key === 'k' ? -1 : 1)))]?.focus();
}
