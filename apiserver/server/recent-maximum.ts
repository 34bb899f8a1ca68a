/** The largest of the values noted within a time. */
export class RecentMaximum {
  private readonly memoryMs: number;
  private noted: { readonly atMs: number; readonly value: number }[] = [];

  constructor(memoryMs: number) {
    this.memoryMs = memoryMs;
  }

  /** Notes one more, and gives the largest that is not older than the memory; 0 at least. */
  note(value: number, nowMs: number): number {
    const fresh = this.noted.filter(({ atMs }) => atMs > nowMs - this.memoryMs);
    // What is smaller and older can never be the largest again.
    this.noted = [...fresh.filter((one) => one.value > value), { atMs: nowMs, value }];
    return Math.max(0, ...this.noted.map((one) => one.value));
  }
}
