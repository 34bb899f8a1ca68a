import { assert } from "../../base/assert.js";

export interface SuspicionTimes {
  readonly startMs: number;
  /** How long it lasts once it is confirmed often enough. */
  readonly minMs: number;
  /** How long it lasts unconfirmed. */
  readonly maxMs: number;
  /** K of Lifeguard; 0: it lasts `minMs` from the start. */
  readonly confirmationsMax: number;
}

/**
 * One member suspects another: until it refutes that, or time is up. Each independent confirmation
 * brings the end nearer (Lifeguard §IV.B).
 */
export class Suspicion {
  readonly incarnation: number;
  /** Who said so first. */
  readonly from: string;
  /** What it becomes when time is up. */
  verdict: "dead" | "left" = "dead";
  /** The verdict is known to others already: it need not be told again. */
  isTold = false;
  private readonly times: SuspicionTimes;
  /** Who said so first, and who confirmed it. */
  private readonly suspectors: Set<string>;
  private echoes = 0;
  private sleptMs = 0;
  private believed = false;

  constructor(incarnation: number, from: string, times: SuspicionTimes) {
    assert(times.minMs <= times.maxMs, `suspicion of ${times.minMs} to ${times.maxMs} ms`);
    this.incarnation = incarnation;
    this.from = from;
    this.times = times;
    this.suspectors = new Set([from]);
  }

  /** False: it is no news, or there are confirmations enough. */
  confirm(from: string): boolean {
    if (this.suspectors.has(from) || this.confirmations >= this.times.confirmationsMax)
      return false;
    this.suspectors.add(from);
    return true;
  }

  get confirmations(): number {
    return this.suspectors.size - 1 + this.echoes;
  }

  /** Counts a confirmation of somebody who was counted; for the planted bug alone. */
  echo(): void {
    if (this.confirmations < this.times.confirmationsMax) this.echoes += 1;
  }

  /** When it becomes a verdict. */
  get deadlineMs(): number {
    const { startMs, minMs, maxMs, confirmationsMax } = this.times;
    const share =
      confirmationsMax === 0 || this.believed
        ? 1
        : Math.log(this.confirmations + 1) / Math.log(confirmationsMax + 1);
    const lastsMs = Math.ceil(maxMs - (maxMs - minMs) * share);
    return startMs + this.sleptMs + Math.max(minMs, lastsMs);
  }

  /**
   * Another member has come to a verdict. It is hearsay: what is left of the shortest time, in
   * which the suspect can refute, must still pass here.
   */
  believe(verdict: "dead" | "left"): void {
    this.believed = true;
    this.verdict = verdict;
  }

  /** This member did not run for so long: it could not have heard of a refutation. */
  postpone(byMs: number): void {
    this.sleptMs += byMs;
  }
}
