/** What time it is. Pure code takes a time as an argument; acting code takes a Clock. */
export interface Clock {
  /** Milliseconds since 1970 on the wall clock. For timestamps that people read; may jump. */
  nowMs(): number;
  /** Milliseconds on a clock that never goes back. For durations and deadlines. */
  monotonicMs(): number;
  /** Calls `run` once after `delayMs`; the returned function cancels it. */
  schedule(delayMs: number, run: () => void): () => void;
}

/** A clock that moves only when told to, for tests and simulation. */
export class ManualClock implements Clock {
  private timeMs: number;
  private readonly startMs: number;
  private timers: { readonly atMs: number; readonly run: () => void }[] = [];

  constructor(startMs = 0) {
    this.timeMs = startMs;
    this.startMs = startMs;
  }

  nowMs(): number {
    return this.timeMs;
  }

  monotonicMs(): number {
    return this.timeMs - this.startMs;
  }

  schedule(delayMs: number, run: () => void): () => void {
    const timer = { atMs: this.timeMs + Math.max(0, delayMs), run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Moves time forward and runs what falls due, earliest first. */
  advance(byMs: number): void {
    const endMs = this.timeMs + byMs;
    for (;;) {
      let next: { readonly atMs: number; readonly run: () => void } | null = null;
      for (const timer of this.timers) {
        if (timer.atMs <= endMs && (next === null || timer.atMs < next.atMs)) next = timer;
      }
      if (next === null) break;
      const due = next;
      this.timers = this.timers.filter((other) => other !== due);
      this.timeMs = due.atMs;
      due.run();
    }
    this.timeMs = endMs;
  }
}
