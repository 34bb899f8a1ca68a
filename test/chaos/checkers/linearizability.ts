/** A sequential specification: what each operation does to a state, if it is allowed there. */
export interface Model<Op> {
  readonly initial: string;
  /** Stands for any state: where a history is looked at from its middle on. */
  readonly anyState: string;
  /** The state afterwards; null when the operation cannot happen in this state. */
  readonly step: (state: string, op: Op) => string | null;
}

/** An operation over time. An open one (`endNs` Infinity) may happen any time later, or never. */
export interface TimedOp<Op> {
  readonly op: Op;
  readonly startNs: number;
  readonly endNs: number;
}

export type Linearizability =
  | { readonly valid: true }
  /** No order explains the history; with all ops but those from `blockedAt` on, one does. */
  | { readonly valid: false; readonly blockedAt: number }
  /** The time given was not enough. */
  | { readonly valid: "unknown" };

interface Entry {
  readonly id: number;
  readonly isReturn: boolean;
  readonly isOpen: boolean;
  /** Of an invocation: its return. */
  match: Entry | null;
  prev: Entry | null;
  next: Entry | null;
}

const STEPS_BETWEEN_LOOKS = 1024;

/**
 * Whether one order of the operations, true to their times, explains what they saw: Wing & Gong's
 * search with Lowe's memory of (set of operations done, state), so that no place is searched twice.
 * `isLate` is asked now and then; once it says true the answer is "unknown".
 */
export function checkLinearizable<Op>(
  model: Pick<Model<Op>, "initial" | "step">,
  ops: readonly TimedOp<Op>[],
  isLate: () => boolean = () => false,
): Linearizability {
  const head = linkEntries(ops);
  const masks = ops.map((_, id) => 1n << BigInt(id));
  const seen = new Map<string, Set<bigint>>();
  const stack: { readonly entry: Entry; readonly state: string }[] = [];
  let done = 0n;
  let state = model.initial;
  let entry = head.next;
  let deepest = -1;
  let blockedAt = 0;
  for (let steps = 1; ; steps += 1) {
    if (steps % STEPS_BETWEEN_LOOKS === 0 && isLate()) return { valid: "unknown" };
    // Returns of open operations stand last: whoever gets there has placed all others.
    if (entry === null || (entry.isReturn && entry.isOpen)) return { valid: true };
    if (!entry.isReturn) {
      const after = model.step(state, (ops[entry.id] as TimedOp<Op>).op);
      const next = done | (masks[entry.id] as bigint);
      if (after !== null && remember(seen, after, next)) {
        stack.push({ entry, state });
        state = after;
        done = next;
        lift(entry);
        entry = head.next;
      } else entry = entry.next;
      continue;
    }
    if (stack.length > deepest) {
      deepest = stack.length;
      blockedAt = entry.id;
    }
    const undone = stack.pop();
    if (undone === undefined) return { valid: false, blockedAt };
    state = undone.state;
    done &= ~(masks[undone.entry.id] as bigint);
    unlift(undone.entry);
    entry = undone.entry.next;
  }
}

/** False when it was there already. */
function remember(seen: Map<string, Set<bigint>>, state: string, done: bigint): boolean {
  const sets = seen.get(state);
  if (sets === undefined) {
    seen.set(state, new Set([done]));
    return true;
  }
  if (sets.has(done)) return false;
  sets.add(done);
  return true;
}

/** Invocations and returns in the order of time. At one moment, invocations come first. */
function linkEntries<Op>(ops: readonly TimedOp<Op>[]): Entry {
  const at: { readonly timeNs: number; readonly entry: Entry }[] = [];
  ops.forEach(({ startNs, endNs }, id) => {
    const isOpen = endNs === Number.POSITIVE_INFINITY;
    const link = { match: null, prev: null, next: null };
    const back: Entry = { id, isReturn: true, isOpen, ...link };
    at.push({ timeNs: startNs, entry: { id, isReturn: false, isOpen, ...link, match: back } });
    at.push({ timeNs: endNs, entry: back });
  });
  at.sort((a, b) => compare(a.timeNs, b.timeNs) || compareKind(a.entry, b.entry));
  const head: Entry = {
    id: -1,
    isReturn: false,
    isOpen: false,
    match: null,
    prev: null,
    next: null,
  };
  let last = head;
  for (const { entry } of at) {
    last.next = entry;
    entry.prev = last;
    last = entry;
  }
  return head;
}

function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareKind(a: Entry, b: Entry): number {
  return Number(a.isReturn) - Number(b.isReturn);
}

function lift(entry: Entry): void {
  unlink(entry);
  if (entry.match !== null) unlink(entry.match);
}

function unlift(entry: Entry): void {
  if (entry.match !== null) relink(entry.match);
  relink(entry);
}

function unlink(entry: Entry): void {
  if (entry.prev !== null) entry.prev.next = entry.next;
  if (entry.next !== null) entry.next.prev = entry.prev;
}

function relink(entry: Entry): void {
  if (entry.prev !== null) entry.prev.next = entry;
  if (entry.next !== null) entry.next.prev = entry;
}
