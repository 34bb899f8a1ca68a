import type { Model, TimedOp } from "./linearizability.js";

/**
 * The same question as checkLinearizable, answered by trying every order of every choice of open
 * operations. Slow, and too simple to be wrong: what the other is compared with.
 */
export function isLinearizableByBruteForce<Op>(
  model: Model<Op>,
  ops: readonly TimedOp<Op>[],
): boolean {
  const open = ops.filter(({ endNs }) => endNs === Number.POSITIVE_INFINITY);
  const closed = ops.filter(({ endNs }) => endNs !== Number.POSITIVE_INFINITY);
  for (let choice = 0; choice < 2 ** open.length; choice += 1) {
    const happened = open.filter((_, bit) => (choice & (1 << bit)) !== 0);
    for (const order of ordersOf([...closed, ...happened])) if (isLegal(model, order)) return true;
  }
  return false;
}

/** Every order in which nothing stands before what had ended before it began. */
function* ordersOf<Op>(ops: readonly TimedOp<Op>[]): Generator<readonly TimedOp<Op>[], void, void> {
  if (ops.length === 0) yield [];
  for (const first of ops) {
    if (ops.some((other) => other.endNs < first.startNs)) continue;
    for (const rest of ordersOf(ops.filter((op) => op !== first))) yield [first, ...rest];
  }
}

function isLegal<Op>(model: Model<Op>, order: readonly TimedOp<Op>[]): boolean {
  let state: string | null = model.initial;
  for (const { op } of order) {
    state = model.step(state, op);
    if (state === null) return false;
  }
  return true;
}
