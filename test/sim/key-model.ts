import { checkLinearizable, type TimedOp } from "../chaos/checkers/linearizability.js";

/** What a client did to one key, and what it was told. */
export type KeyEffect =
  | { readonly kind: "put"; readonly value: string }
  | { readonly kind: "read"; readonly found: string | null }
  /** `existed` is null when no answer came. */
  | { readonly kind: "delete"; readonly existed: boolean | null }
  /** Puts `value` if the key holds `expected`; `found` is what it held otherwise. */
  | {
      readonly kind: "cas";
      readonly expected: string | null;
      readonly value: string;
      /** Null when no answer came. */
      readonly succeeded: boolean | null;
      readonly found: string | null;
    };

export interface KeyOperation {
  /** Whose it was and what, for people. */
  readonly text?: string;
  readonly effect: KeyEffect;
  /** Positions in the order of all invocations and answers. */
  readonly invokedAt: number;
  /** Infinity when no answer came: it may happen at any time, or never. */
  readonly returnedAt: number;
}

/** Looks of the checker at the time, of about 1,000 steps each, before it gives up on a key. */
const LOOKS_MAX = 1_000;
/** States of a key as the checker wants them: a string. */
const NO_KEY = "";

/**
 * Is there an order in which these operations could have happened one by one, each between its
 * invocation and its answer? Null when there is; otherwise why not.
 */
export function explainNotLinearizable(operations: readonly KeyOperation[]): string | null {
  const kept = withoutUnseen(operations);
  const ops = kept.map(({ effect, invokedAt, returnedAt }): TimedOp<KeyEffect> => {
    return { op: effect, startNs: invokedAt, endNs: returnedAt };
  });
  let looks = 0;
  const isLate = (): boolean => {
    looks += 1;
    return looks > LOOKS_MAX;
  };
  const { valid, ...rest } = checkLinearizable({ initial: NO_KEY, step }, ops, isLate);
  if (valid === true) return null;
  if (valid === "unknown") return "no order was found in the time given";
  const blocked = "blockedAt" in rest ? kept[rest.blockedAt] : undefined;
  const { text = "", effect } = { ...blocked };
  const what = `${text} (${JSON.stringify(effect)})`;
  return `no order of its ${ops.length} operations explains the answer to ${what}`;
}

function step(state: string, effect: KeyEffect): string | null {
  const next = after(state === NO_KEY ? null : state.slice(1), effect);
  if (next === undefined) return null;
  return next === null ? NO_KEY : `=${next}`;
}

/**
 * A write without an answer whose value nobody saw need not have happened; unless it may be what a
 * delete found.
 */
function withoutUnseen(operations: readonly KeyOperation[]): KeyOperation[] {
  const seen = new Set<string>();
  for (const { effect } of operations) {
    if (effect.kind === "read" && effect.found !== null) seen.add(effect.found);
    if (effect.kind !== "cas") continue;
    if (effect.found !== null) seen.add(effect.found);
    if (effect.succeeded === true && effect.expected !== null) seen.add(effect.expected);
  }
  const lastDelete = Math.max(
    ...operations.map(({ effect, returnedAt }) =>
      effect.kind === "delete" && effect.existed === true ? returnedAt : 0,
    ),
  );
  return operations.filter(({ effect, invokedAt, returnedAt }) => {
    if (returnedAt !== Number.POSITIVE_INFINITY) return true;
    if (effect.kind === "delete" || invokedAt < lastDelete) return true;
    return effect.kind !== "read" && seen.has(effect.value);
  });
}

/** The state after an operation, or undefined when its answer does not fit the state before. */
function after(state: string | null, effect: KeyEffect): string | null | undefined {
  switch (effect.kind) {
    case "put":
      return effect.value;
    case "read":
      return effect.found === state ? state : undefined;
    case "delete":
      return effect.existed === null || effect.existed === (state !== null) ? null : undefined;
    case "cas":
      if (effect.succeeded === null) return state === effect.expected ? effect.value : state;
      if (effect.succeeded) return state === effect.expected ? effect.value : undefined;
      return state === effect.found && state !== effect.expected ? state : undefined;
  }
}
