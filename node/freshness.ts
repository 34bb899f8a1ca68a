/**
 * Whether what was made is still made from what there is. Making takes time, and what it is made
 * from may change meanwhile: then it is to be made once more.
 */
export class Freshness {
  private changes = 0;
  private madeFrom = -1;

  get isFresh(): boolean {
    return this.madeFrom === this.changes;
  }

  /** What it is made from has changed. */
  changed(): void {
    this.changes += 1;
  }

  /** Call before anything is read; the returned function says that it is made. */
  begin(): () => void {
    const { changes } = this;
    return () => {
      this.madeFrom = changes;
    };
  }
}
