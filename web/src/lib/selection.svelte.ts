/** Which rows are chosen, and which one the keys act on. */
import { untrack } from 'svelte';

export class Selection {
  /** A plain set, told of as a whole: a signal for each of 100,000 ids took seconds. */
  private readonly ids = new Set<number>();
  private changes = $state(0);
  /** The row that `j` and `k` stand on; -1 before the first key. */
  current = $state(-1);
  private anchor = -1;

  get size(): number {
    void this.changes;
    return this.ids.size;
  }

  has(id: number): boolean {
    void this.changes;
    return this.ids.has(id);
  }

  /** The chosen ones of these rows. */
  of<Row extends { id: number }>(rows: readonly Row[]): Row[] {
    return this.size === 0 ? [] : rows.filter((row) => this.ids.has(row.id));
  }

  add(ids: Iterable<number>): void {
    for (const id of ids) this.ids.add(id);
    this.tell();
  }

  delete(ids: Iterable<number>): void {
    for (const id of ids) this.ids.delete(id);
    this.tell();
  }

  /** An effect that drops what is gone does not run again for that. */
  private tell(): void {
    untrack(() => (this.changes += 1));
  }

  toggle(order: readonly number[], index: number, range: boolean): void {
    const id = order[index];
    if (id === undefined) return;
    if (range && this.anchor >= 0) {
      const [low, high] = [Math.min(this.anchor, index), Math.max(this.anchor, index)];
      this.add(order.slice(low, high + 1));
    } else if (this.ids.has(id)) this.delete([id]);
    else this.add([id]);
    this.anchor = index;
    this.current = index;
  }

  /** Rows that are gone cannot stay chosen. */
  keepOnly(order: readonly number[]): void {
    if (this.ids.size > 0) {
      const known = new Set(order);
      this.delete([...this.ids].filter((id) => !known.has(id)));
    }
    if (this.current >= order.length) this.current = order.length - 1;
  }

  clear(): void {
    this.ids.clear();
    this.tell();
    this.anchor = -1;
  }
}
