/** Which rows are chosen, and which one the keys act on. */
import { SvelteSet } from 'svelte/reactivity';

export class Selection {
  readonly ids = new SvelteSet<number>();
  /** The row that `j` and `k` stand on; -1 before the first key. */
  current = $state(-1);
  private anchor = -1;

  toggle(order: readonly number[], index: number, range: boolean): void {
    const id = order[index];
    if (id === undefined) return;
    if (range && this.anchor >= 0) {
      const [low, high] = [Math.min(this.anchor, index), Math.max(this.anchor, index)];
      for (const one of order.slice(low, high + 1)) this.ids.add(one);
    } else if (!this.ids.delete(id)) this.ids.add(id);
    this.anchor = index;
    this.current = index;
  }

  /** Rows that are gone cannot stay chosen. */
  keepOnly(order: readonly number[]): void {
    const known = this.ids.size > 0 ? new Set(order) : null;
    for (const id of this.ids) if (!known?.has(id)) this.ids.delete(id);
    if (this.current >= order.length) this.current = order.length - 1;
  }

  clear(): void {
    this.ids.clear();
    this.anchor = -1;
  }
}
