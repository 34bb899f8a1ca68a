import { Heap } from "../../base/heap.js";

/** Something that is planned. */
export interface Event {
  readonly atMs: number;
  /** Events of one moment happen in the order in which they were planned. */
  readonly order: number;
  /** Null: it was cancelled. */
  run: (() => void) | null;
  /** Null: it happens in no process. */
  readonly owner: EventOwner | null;
}

/** Whom events happen to. */
export interface EventOwner {
  /** Whether this one happens to it now; otherwise it is dropped, or its owner's to plan again. */
  takes(event: Event): boolean;
}

/** All that will happen in a simulation, in the order of its one clock. */
export class EventQueue {
  nowMs = 0;
  private order = 0;
  private readonly events = new Heap<Event>((a, b) =>
    a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs,
  );

  /** Plans something; the returned function cancels it. */
  after(delayMs: number, run: () => void, owner: EventOwner | null = null): () => void {
    this.order += 1;
    const atMs = this.nowMs + Math.max(0, delayMs);
    const event: Event = { atMs, order: this.order, run, owner };
    this.events.push(event);
    return () => {
      event.run = null;
    };
  }

  /** Moves time to the next event and lets it happen; false when there is none before `endMs`. */
  step(endMs: number): boolean {
    for (;;) {
      const next = this.events.peek();
      if (next === undefined || next.atMs > endMs) {
        this.nowMs = Math.max(this.nowMs, endMs);
        return false;
      }
      this.events.pop();
      if (next.run === null) continue;
      this.nowMs = next.atMs;
      if (next.owner !== null && !next.owner.takes(next)) continue;
      next.run();
      return true;
    }
  }
}

const DONE = Promise.resolve();

/**
 * Calls `then` once every promise that can settle has settled, and all that follows from it:
 * Node.js runs what nextTick was given once the queue of microtasks is empty, if it was given
 * there. No timer and no I/O takes part, so that a run depends on its seed alone.
 */
export function onceSettled(then: () => void): void {
  void DONE.then(() => {
    process.nextTick(then);
  });
}
