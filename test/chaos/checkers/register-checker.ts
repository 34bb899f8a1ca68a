import { type Call, callsByKey } from "../history.js";
import { textOf } from "./call-values.js";
import { type CheckResult, checkResult, type Violation } from "./check-result.js";
import { checkLinearizable, type TimedOp } from "./linearizability.js";
import { REGISTER, type RegisterOp } from "./register-model.js";
import { shrinkOps } from "./shrink.js";

interface RegisterCall extends TimedOp<RegisterOp> {
  readonly call: Call;
}

/** Bounds on the search. */
export interface SearchLimits {
  /** True once the time for this key is up. */
  readonly isLate: () => boolean;
  /** Tells that the next key begins: its time starts now. */
  readonly restart: () => void;
}

const NO_LIMITS: SearchLimits = { isLate: () => false, restart: () => {} };

/**
 * Whether each object behaved like one register with compare-and-set on its resourceVersion, key by
 * key: linearizability is local (Herlihy & Wing §3.3).
 */
export function checkRegister(
  calls: readonly Call[],
  limits: SearchLimits = NO_LIMITS,
): CheckResult {
  const violations: Violation[] = [];
  const undecided: string[] = [];
  let keys = 0;
  for (const [key, ofKey] of callsByKey(calls)) {
    keys += 1;
    limits.restart();
    const contradiction = contradictionIn(key, ofKey);
    if (contradiction !== null) {
      violations.push(contradiction);
      continue;
    }
    const ops = registerOps(ofKey);
    const found = checkLinearizable(REGISTER, ops, limits.isLate);
    if (found.valid === "unknown") undecided.push(`${key}: ${ops.length} operations took too long`);
    if (found.valid === false) violations.push(violationIn(key, ops));
  }
  return checkResult(violations, undecided, { keys, calls: calls.length });
}

/** What a call says about the register; null when it says nothing. */
function registerOp(call: Call, versions: ReadonlyMap<string, string>): RegisterOp | null {
  const { f, input, output, outcome } = call;
  if (f === "read") return outcome === "ok" ? readOp(call) : null;
  if (outcome === "fail") return refusalOp(call);
  const value = textOf(input, "value");
  const known = outcome === "ok" ? textOf(output, "version") : versions.get(value);
  const version = known === undefined || known === "" ? null : known;
  if (f === "create") return { type: "create", version, value };
  if (f === "write") return { type: "write", version, value };
  return { type: "cas", expected: textOf(input, "expected"), version, value };
}

function readOp({ output }: Call): RegisterOp {
  const version = textOf(output, "version");
  if (version === "") return { type: "absent" };
  return { type: "read", version, value: textOf(output, "value") };
}

/** A refusal tells what the server saw, where it can only mean one thing. */
function refusalOp({ f, input, output }: Call): RegisterOp | null {
  const reason = textOf(output, "reason");
  if (reason === "NotFound") return { type: "absent" };
  if (f === "create" && reason === "AlreadyExists") return { type: "present" };
  if (f === "cas" && reason === "Conflict")
    return { type: "mismatch", expected: textOf(input, "expected") };
  return null;
}

function registerOps(calls: readonly Call[]): RegisterCall[] {
  const versions = versionsSeen(calls);
  return calls.flatMap((call) => {
    const op = registerOp(call, versions);
    return op === null ? [] : [{ op, call, startNs: call.startNs, endNs: call.endNs }];
  });
}

/** The version of each value that was read: it tells when an unknown write took effect. */
function versionsSeen(calls: readonly Call[]): Map<string, string> {
  const versions = new Map<string, string>();
  for (const { f, outcome, output } of calls) {
    const version = textOf(output, "version");
    if (f === "read" && outcome === "ok" && version !== "")
      versions.set(textOf(output, "value"), version);
  }
  return versions;
}

/** One version with two values, or one value at two versions: no search is needed. */
function contradictionIn(key: string, calls: readonly Call[]): Violation | null {
  const byVersion = new Map<string, { readonly value: string; readonly call: Call }>();
  const byValue = new Map<string, { readonly version: string; readonly call: Call }>();
  for (const call of calls) {
    const version = call.outcome === "ok" ? textOf(call.output, "version") : "";
    if (version === "") continue;
    const value = textOf(call.f === "read" ? call.output : call.input, "value");
    const other = byVersion.get(version);
    const twice = byValue.get(value);
    if (other !== undefined && other.value !== value)
      return contradiction(key, `version ${version} is ${other.value} and ${value}`, [
        other.call,
        call,
      ]);
    if (twice !== undefined && twice.version !== version)
      return contradiction(key, `${value} was written once and has versions`, [twice.call, call]);
    byVersion.set(version, { value, call });
    byValue.set(value, { version, call });
  }
  return null;
}

function contradiction(key: string, message: string, calls: readonly Call[]): Violation {
  const versions = calls.map((call) => textOf(call.output, "version")).join(" and ");
  return { kind: "contradiction", key, message: `${message} (${versions})`, calls };
}

function violationIn(key: string, ops: readonly RegisterCall[]): Violation {
  const essential = shrinkOps(REGISTER, ops, changes);
  const calls = essential.map(({ call }) => call);
  const last = calls.at(-1);
  const what = last === undefined ? "" : `; the last of them: ${last.f} by process ${last.process}`;
  return {
    kind: "not-linearizable",
    key,
    message: `no order explains these ${calls.length} operations${what}`,
    calls,
  };
}

function changes(op: RegisterOp): boolean {
  return op.type === "create" || op.type === "write" || op.type === "cas";
}
