/**
 * Thrown when the core or its caller broke the contract. Nobody catches it: the process must end.
 */
export class RaftAssertionError extends Error {
  override readonly name = "RaftAssertionError";
}

/**
 * Crashes when `condition` does not hold. For bugs only; what a peer sends is parsed before it gets
 * here.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new RaftAssertionError(message);
}

/** Marks a place the types say cannot be reached. */
export function unreachable(value: never): never {
  throw new RaftAssertionError(`unreachable: ${JSON.stringify(value)}`);
}
