/** A binary heap: `pop` gives an item that no other precedes. */
export class Heap<T> {
  private readonly items: T[] = [];
  private readonly precedes: (a: T, b: T) => boolean;

  constructor(precedes: (a: T, b: T) => boolean) {
    this.precedes = precedes;
  }

  get size(): number {
    return this.items.length;
  }

  peek(): T | undefined {
    return this.items[0];
  }

  push(item: T): void {
    this.items.push(item);
    this.up(this.items.length - 1);
  }

  pop(): T | undefined {
    const top = this.items[0];
    const last = this.items.pop();
    if (last !== undefined && this.items.length > 0) {
      this.items[0] = last;
      this.down(0);
    }
    return top;
  }

  private up(start: number): void {
    let at = start;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.swapIfPrecedes(at, parent)) return;
      at = parent;
    }
  }

  private down(start: number): void {
    let at = start;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      if (left >= this.items.length) return;
      const child = right < this.items.length && this.before(right, left) ? right : left;
      if (!this.swapIfPrecedes(child, at)) return;
      at = child;
    }
  }

  private before(a: number, b: number): boolean {
    return this.precedes(this.items[a] as T, this.items[b] as T);
  }

  private swapIfPrecedes(child: number, parent: number): boolean {
    if (!this.before(child, parent)) return false;
    const item = this.items[child] as T;
    this.items[child] = this.items[parent] as T;
    this.items[parent] = item;
    return true;
  }
}
