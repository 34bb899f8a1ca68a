import type { Clock } from "../../base/clock.js";
import type { Event, EventOwner, EventQueue } from "./event-queue.js";

/**
 * A process of the simulation: what was planned for it happens unless it has died, and late when it
 * stands still.
 */
export class SimProcess implements EventOwner {
  isAlive = true;
  private isPaused = false;
  private held: Event[] = [];
  private readonly queue: EventQueue;
  private readonly onRun: () => void;

  /** `onRun` is called before anything happens in it. */
  constructor(queue: EventQueue, onRun: () => void) {
    this.queue = queue;
    this.onRun = onRun;
  }

  get runs(): boolean {
    return this.isAlive && !this.isPaused;
  }

  get paused(): boolean {
    return this.isPaused;
  }

  /** Plans something for this process; the returned function cancels it. */
  after(delayMs: number, run: () => void): () => void {
    return this.queue.after(delayMs, run, this);
  }

  takes(event: Event): boolean {
    if (!this.isAlive) return false;
    if (this.isPaused) {
      this.held.push(event);
      return false;
    }
    this.onRun();
    return true;
  }

  /** As SIGSTOP does. */
  pause(): void {
    this.isPaused = true;
  }

  /** As SIGCONT does: what came meanwhile is there at once. */
  resume(): void {
    this.isPaused = false;
    const { held } = this;
    this.held = [];
    for (const event of held) this.after(0, () => event.run?.());
  }

  kill(): void {
    this.isAlive = false;
    this.held = [];
  }
}

/** The clock of one process: it runs at its own rate, and shows its own time of day. */
export class SimClock implements Clock {
  private readonly queue: EventQueue;
  private readonly process: SimProcess;
  private readonly skew: { readonly rate: number; readonly offsetMs: number };

  constructor(
    queue: EventQueue,
    process: SimProcess,
    skew: { readonly rate: number; readonly offsetMs: number },
  ) {
    this.queue = queue;
    this.process = process;
    this.skew = skew;
  }

  nowMs(): number {
    return this.skew.offsetMs + this.monotonicMs();
  }

  monotonicMs(): number {
    return this.queue.nowMs * this.skew.rate;
  }

  schedule(delayMs: number, run: () => void): () => void {
    return this.process.after(delayMs / this.skew.rate, run);
  }
}
