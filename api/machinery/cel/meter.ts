/** An expression used up what it was given: the evaluation ends, whatever && and || make of errors. */
export class CostExceeded extends Error {
  override readonly name = "CostExceeded";
  constructor() {
    super("operation cancelled: actual cost limit exceeded");
  }
}

/** How often an evaluation that is paced lets others go first, in units of cost. */
const SLICE = 4_000;

/** Counts the cost of an evaluation, in the units of cel-go: about one for each step. */
export class Meter {
  spent = 0;
  private readonly limit: number;
  private pauseAt = SLICE;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Throws CostExceeded. */
  charge(cost: number): void {
    this.spent += cost;
    if (this.spent > this.limit) throw new CostExceeded();
  }

  /** True when it is time to let others go first; the next time is a slice later. */
  shouldPause(): boolean {
    if (this.spent < this.pauseAt) return false;
    this.pauseAt = this.spent + SLICE;
    return true;
  }
}
