import { assert } from "./assert.js";

/**
 * First in, first out, with a limit: what is offered to a full queue is refused, never dropped in
 * silence.
 */
export class BoundedQueue<T> {
  private items: (T | undefined)[] = [];
  private head = 0;
  readonly limit: number;

  constructor(limit: number) {
    assert(Number.isSafeInteger(limit) && limit > 0, `queue limit ${limit}`);
    this.limit = limit;
  }

  get size(): number {
    return this.items.length - this.head;
  }

  /** False when the queue is full. */
  offer(item: T): boolean {
    if (this.size >= this.limit) return false;
    this.items.push(item);
    return true;
  }

  /** The oldest item, or undefined when there is none. */
  poll(): T | undefined {
    if (this.head === this.items.length) return undefined;
    const item = this.items[this.head];
    this.items[this.head] = undefined;
    this.head += 1;
    // Shift in blocks: the cost per item stays constant.
    if (this.head >= 1024 && this.head * 2 >= this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }

  /** Takes everything, oldest first. */
  drain(): T[] {
    const all: T[] = [];
    for (let item = this.poll(); item !== undefined; item = this.poll()) all.push(item);
    return all;
  }
}
