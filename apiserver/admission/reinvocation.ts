/**
 * One write's way through the mutating plugins: they run once, and all of them once more when a
 * later one changed what an earlier one may want to see again (Kubernetes: "Reinvocation policy").
 * A plugin keeps what it has to remember between the two rounds beside this, in a WeakMap.
 */
export class ReinvocationContext {
  private wanted = false;
  private second = false;

  /** True in the second round, after which there is none. */
  get isReinvocation(): boolean {
    return this.second;
  }

  /** Asks for the second round. */
  request(): void {
    this.wanted = true;
  }

  /** For the chain: true, once, when the plugins are to run again. */
  startAgain(): boolean {
    if (!this.wanted || this.second) return false;
    this.second = true;
    return true;
  }
}
