import {
  checkLinearizable,
  type Linearizability,
  type Model,
  type TimedOp,
} from "./linearizability.js";

/** What the parts of a history are asked for; a larger search gives no smaller window. */
const LOOKS_MAX = 100;

/**
 * The smallest stretch of a failing history that fails by itself, whatever was there before it,
 * without the operations that do not matter to that. `changes` tells what may alter the state.
 * Every cut only takes claims away, so what still fails fails for its own reasons:
 * the end is cut behind the operation that nothing explains, the beginning as late as possible.
 */
export function shrinkOps<Op, Timed extends TimedOp<Op>>(
  model: Model<Op>,
  ops: readonly Timed[],
  changes: (op: Op) => boolean,
): Timed[] {
  const whole = check(model, ops);
  if (whole.valid !== false) return [...ops];
  const end = cutEnd(ops, ops[whole.blockedAt]?.endNs ?? Number.POSITIVE_INFINITY, changes);
  const suffix = cutBeginning(model, end, changes);
  const isFailing = (fewer: readonly Timed[]): boolean =>
    check(suffix.model, fewer).valid === false;
  let kept = suffix.ops;
  for (const op of [...kept].reverse()) {
    const fewer = kept.filter((other) => other !== op);
    if (!changes(op.op) && isFailing(fewer)) kept = fewer;
  }
  return kept.filter((op) => op.endNs !== Number.POSITIVE_INFINITY || isRead(kept, op));
}

/** An open operation is shown when something that was seen came from it. */
function isRead<Timed extends TimedOp<unknown>>(kept: readonly Timed[], open: Timed): boolean {
  const value = (open.op as { readonly value?: unknown }).value;
  return kept.some(
    ({ op }) => op !== open.op && (op as { readonly value?: unknown }).value === value,
  );
}

function check<Op>(
  model: Pick<Model<Op>, "initial" | "step">,
  ops: readonly TimedOp<Op>[],
): Linearizability {
  let looks = 0;
  return checkLinearizable(model, ops, () => {
    looks += 1;
    return looks > LOOKS_MAX;
  });
}

/** What began after `endNs` is gone; what ended after it may have happened by then, or not. */
function cutEnd<Op, Timed extends TimedOp<Op>>(
  ops: readonly Timed[],
  endNs: number,
  changes: (op: Op) => boolean,
): Timed[] {
  return ops.flatMap((op) => {
    if (op.startNs >= endNs) return [];
    if (op.endNs <= endNs) return [op];
    return changes(op.op) ? [{ ...op, endNs: Number.POSITIVE_INFINITY }] : [];
  });
}

/** Looks for the latest beginning by halving: what fails from one on fails from all before it. */
function cutBeginning<Op, Timed extends TimedOp<Op>>(
  model: Model<Op>,
  ops: readonly Timed[],
  changes: (op: Op) => boolean,
): { readonly ops: Timed[]; readonly model: Pick<Model<Op>, "initial" | "step"> } {
  const fromAny = { initial: model.anyState, step: model.step };
  const starts = [...new Set(ops.map(({ startNs }) => startNs))].sort((a, b) => a - b);
  let best: Timed[] | null = null;
  let low = 0;
  let high = starts.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const part = from(ops, starts[middle] ?? 0, changes);
    if (check(fromAny, part).valid === false) {
      best = part;
      low = middle + 1;
    } else high = middle - 1;
  }
  return best === null ? { ops: [...ops], model } : { ops: best, model: fromAny };
}

/** What had ended before `startNs` made the state; what was under way may still happen, or not. */
function from<Op, Timed extends TimedOp<Op>>(
  ops: readonly Timed[],
  startNs: number,
  changes: (op: Op) => boolean,
): Timed[] {
  return ops.flatMap((op) => {
    if (op.startNs >= startNs) return [op];
    if (op.endNs < startNs || !changes(op.op)) return [];
    return [{ ...op, endNs: Number.POSITIVE_INFINITY }];
  });
}
