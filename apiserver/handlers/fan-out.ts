/** Who has something to send. */
export interface Flushable {
  /** Sends it. Must not throw. */
  flush(): void;
}

/** A stretch of work is ended after this long, so that others get their turn. */
const STRETCH_MS = 4;
/** Flushes between two looks at the clock. */
const FLUSHES_PER_LOOK = 16;

/**
 * Lets many watchers send in few turns of the event loop: an event that concerns a thousand of them
 * costs one turn, not a thousand promises, and never more than a few milliseconds at a stretch.
 */
export class FanOut {
  private readonly waiting = new Set<Flushable>();
  private readonly schedule: (run: () => void) => unknown;
  private readonly nowMs: () => number;
  private scheduled = false;

  /** `schedule` runs something in a later turn; `nowMs` is a clock that never goes back. */
  constructor(deps: { schedule: (run: () => void) => unknown; nowMs: () => number }) {
    this.schedule = deps.schedule;
    this.nowMs = deps.nowMs;
  }

  /** Flushes `one` soon, once, in the order of the calls. */
  add(one: Flushable): void {
    this.waiting.add(one);
    this.arrange();
  }

  private arrange(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.schedule(() => this.run());
  }

  private run(): void {
    this.scheduled = false;
    const endMs = this.nowMs() + STRETCH_MS;
    let left = FLUSHES_PER_LOOK;
    // What is added meanwhile comes at the end of the same set.
    for (const one of this.waiting) {
      this.waiting.delete(one);
      one.flush();
      left -= 1;
      if (left > 0) continue;
      if (this.nowMs() >= endMs) break;
      left = FLUSHES_PER_LOOK;
    }
    if (this.waiting.size > 0) this.arrange();
  }
}
