import type { Command } from "./store/command.js";

/** Once the limit was reached the store must shrink to this share of it before it grows again. */
const FREE_AGAIN = 0.95;

/**
 * Keeps a store from growing beyond what its disk was meant to hold. Reads, deletes and compactions
 * go on, for they are the way out.
 */
export class SizeLimit {
  private readonly limitBytes: number;
  private isFull = false;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  /** True from when the limit was reached until the store is well below it again. */
  isReached(sizeBytes: number): boolean {
    const threshold = this.isFull ? this.limitBytes * FREE_AGAIN : this.limitBytes;
    this.isFull = sizeBytes >= threshold;
    return this.isFull;
  }

  /** Why a command must not be proposed; null when it may. */
  refuse(command: Command, sizeBytes: number): string | null {
    if (!this.isReached(sizeBytes) || !adds(command)) return null;
    return (
      `the store holds ${sizeBytes} bytes, ${this.limitBytes} are allowed: ` +
      "delete what is not needed; its history is dropped some minutes later"
    );
  }
}

function adds(command: Command): boolean {
  if (command.type === "leaseGrant") return true;
  if (command.type === "txns") return command.txns.some((txn) => adds({ type: "txn", txn }));
  if (command.type !== "txn") return false;
  const { success, failure = [] } = command.txn;
  return [success, failure].some((ops) => ops.some((op) => op.type === "put"));
}
