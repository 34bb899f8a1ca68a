/**
 * Lifeguard's local health multiplier (§IV.A): how far a member trusts itself. 0 is healthy; each
 * step makes its probes slower and more patient, so that a slow member does not blame others.
 */
export class LocalHealth {
  private score = 0;
  private readonly max: number;

  /** `max`: S of Lifeguard; 0 switches it off. */
  constructor(max: number) {
    this.max = max;
  }

  /** What periods and timeouts are multiplied with: 1 to max + 1. */
  get multiplier(): number {
    return this.score + 1;
  }

  /** A successful probe -1; a failed one, a missed nack, a refutation +1. */
  add(delta: number): void {
    this.score = Math.min(this.max, Math.max(0, this.score + delta));
  }
}
