/** Thrown when our own code is wrong. Nobody catches it: the process must end. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/**
 * Crashes when `condition` does not hold. For our own bugs only; what a peer, a user or a disk
 * sends is parsed instead. Put the values that matter into `message`.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Marks a place the types say cannot be reached, such as the default of an exhaustive switch. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable: ${String(value)}`);
}

/** Returns `value`, which the caller knows to be present. */
export function present<T>(value: T | null | undefined, what: string): T {
  assert(value !== null && value !== undefined, `missing: ${what}`);
  return value;
}
