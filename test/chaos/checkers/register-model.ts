import type { Model } from "./linearizability.js";

/**
 * What was done to one object and what was seen of it. A version is a resourceVersion; null: the
 * write took effect, if it did, at a version that nobody saw.
 */
export type RegisterOp =
  | { readonly type: "read"; readonly version: string; readonly value: string }
  /** A read or a write that found nothing. */
  | { readonly type: "absent" }
  /** A creation that found something. */
  | { readonly type: "present" }
  | { readonly type: "create"; readonly version: string | null; readonly value: string }
  | { readonly type: "write"; readonly version: string | null; readonly value: string }
  | {
      readonly type: "cas";
      readonly expected: string;
      readonly version: string | null;
      readonly value: string;
    }
  /** A compare-and-set that found another version than the expected one. */
  | { readonly type: "mismatch"; readonly expected: string };

const ABSENT = "";
/** There is something, but nobody ever sees what. */
const UNSEEN = "?";
/** Nobody has looked yet. */
const ANY = "*";

/**
 * One object of the API as a register: unconditional writes, and compare-and-set on the
 * resourceVersion. Values are written once each.
 */
export const REGISTER: Model<RegisterOp> = {
  initial: ABSENT,
  anyState: ANY,
  step(state, op) {
    if (state === ANY) return stepFromAny(op);
    switch (op.type) {
      case "read":
        return state === stateOf(op.version, op.value) ? state : null;
      case "absent":
        return state === ABSENT ? state : null;
      case "present":
        return state !== ABSENT ? state : null;
      case "mismatch":
        return state !== ABSENT && versionOf(state) !== op.expected ? state : null;
      case "create":
        return state === ABSENT ? stateOf(op.version, op.value) : null;
      case "write":
        return state !== ABSENT ? written(state, op) : null;
      case "cas":
        return state !== ABSENT && versionOf(state) === op.expected ? written(state, op) : null;
    }
  },
};

/** Errs on the side of allowing: what a refusal tells of any state is forgotten. */
function stepFromAny(op: RegisterOp): string {
  if (op.type === "present" || op.type === "mismatch") return ANY;
  return op.type === "absent" ? ABSENT : stateOf(op.version, op.value);
}

/** A version only ever grows. */
function written(
  state: string,
  op: { readonly version: string | null; readonly value: string },
): string | null {
  const before = versionOf(state);
  const grows = before === UNSEEN || op.version === null || Number(op.version) > Number(before);
  return grows ? stateOf(op.version, op.value) : null;
}

function stateOf(version: string | null, value: string): string {
  return version === null ? UNSEEN : `${version}=${value}`;
}

function versionOf(state: string): string {
  return state.split("=", 1)[0] ?? "";
}
