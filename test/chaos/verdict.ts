import { type CheckResult, smallestWindow, type Violation } from "./checkers/check-result.js";
import type { Call } from "./history.js";
import type { Fault } from "./nemeses/nemesis.js";

/** With fewer ok operations a workload has shown nothing. */
export const OK_OPERATIONS_MIN = 1000;

/** What one workload did and what its checker says. */
export interface WorkloadOutcome {
  readonly name: string;
  readonly calls: readonly Call[];
  readonly result: CheckResult;
}

export interface WorkloadVerdict {
  readonly valid: boolean | "unknown";
  readonly ok: number;
  readonly fail: number;
  readonly info: number;
  readonly checked: Readonly<Record<string, number>>;
  readonly violations: readonly ViolationSummary[];
  readonly violationCount: number;
  readonly undecided: readonly string[];
  /** The shortest stretch of time that shows a violation, in seconds; null without one. */
  readonly smallestFailingWindow: FailingWindow | null;
}

export interface ViolationSummary {
  readonly kind: string;
  readonly key: string;
  readonly message: string;
}

export interface FailingWindow extends ViolationSummary {
  readonly startSeconds: number;
  readonly endSeconds: number;
}

export interface NemesisVerdict {
  readonly attacks: number;
  readonly bit: number;
}

/** The document verdict.json. */
export interface Verdict {
  /** "unknown": the run proves nothing, and `inconclusive` says why. */
  readonly valid: boolean | "unknown";
  readonly seed: number;
  readonly seconds: number;
  readonly workloads: Readonly<Record<string, WorkloadVerdict>>;
  readonly nemeses: Readonly<Record<string, NemesisVerdict>>;
  /** What the servers agree on at the end, or how they differ. */
  readonly replicas: ReplicaCheck;
  /** Servers that a fault was the end of. */
  readonly casualties: readonly string[];
  readonly inconclusive: readonly string[];
}

/** Whether all replicas hold the same at the end. */
export interface ReplicaCheck {
  readonly valid: boolean | "unknown";
  readonly evidence: string;
}

export interface VerdictInput {
  readonly seed: number;
  readonly seconds: number;
  readonly workloads: readonly WorkloadOutcome[];
  /** The nemeses that were asked for. */
  readonly nemeses: readonly string[];
  readonly faults: readonly Fault[];
  readonly replicas: ReplicaCheck;
  readonly casualties: readonly string[];
  /** Other reasons why the run proves nothing. */
  readonly doubts: readonly string[];
}

/** One that happened a hundred times shall not hide another kind. */
const SHOWN_PER_KIND_MAX = 4;

/** The verdict on a run. Pure. A broken promise outweighs every doubt. */
export function judge(input: VerdictInput): Verdict {
  const { seed, seconds, faults, replicas, casualties } = input;
  const workloads = new Map(input.workloads.map((outcome) => [outcome.name, verdictOn(outcome)]));
  const nemeses = new Map(input.nemeses.map((name) => [name, bitesOf(name, faults)]));
  const inconclusive = [...input.doubts];
  for (const [name, { ok, valid }] of workloads) {
    if (ok < OK_OPERATIONS_MIN)
      inconclusive.push(`${name}: ${ok} ok operations, fewer than ${OK_OPERATIONS_MIN}`);
    if (valid === "unknown") inconclusive.push(`${name}: the checker could not decide`);
  }
  for (const [name, { attacks, bit }] of nemeses)
    if (bit === 0) inconclusive.push(`${name}: ${attacks} attacks, none of which took hold`);
  if (replicas.valid === "unknown") inconclusive.push(`replicas: ${replicas.evidence}`);
  const isBroken =
    casualties.length > 0 ||
    replicas.valid === false ||
    [...workloads.values()].some(({ valid }) => valid === false);
  return {
    valid: isBroken ? false : inconclusive.length > 0 ? "unknown" : true,
    seed,
    seconds,
    workloads: Object.fromEntries(workloads),
    nemeses: Object.fromEntries(nemeses),
    replicas,
    casualties,
    inconclusive,
  };
}

/** 0 valid, 1 broken, 5 inconclusive. */
export function exitCodeOf({ valid }: Pick<Verdict, "valid">): 0 | 1 | 5 {
  return valid === true ? 0 : valid === false ? 1 : 5;
}

function verdictOn({ calls, result }: WorkloadOutcome): WorkloadVerdict {
  const count = (outcome: Call["outcome"]): number =>
    calls.filter((call) => call.outcome === outcome).length;
  const window = smallestWindow(result.violations);
  return {
    valid: result.valid,
    ok: count("ok"),
    fail: count("fail"),
    info: count("info"),
    checked: result.counts,
    violations: someOfEachKind(result.violations).map(summaryOf),
    violationCount: result.violations.length,
    undecided: result.undecided,
    smallestFailingWindow:
      window === null
        ? null
        : {
            ...summaryOf(window.violation),
            startSeconds: secondsOf(window.startNs),
            endSeconds: secondsOf(window.endNs),
          },
  };
}

function someOfEachKind(violations: readonly Violation[]): Violation[] {
  const shown = new Map<string, number>();
  return violations.filter(({ kind }) => {
    const count = (shown.get(kind) ?? 0) + 1;
    shown.set(kind, count);
    return count <= SHOWN_PER_KIND_MAX;
  });
}

function summaryOf({ kind, key, message }: Violation): ViolationSummary {
  return { kind, key, message };
}

function secondsOf(ns: number): number {
  return Math.round(ns / 1e6) / 1000;
}

function bitesOf(name: string, faults: readonly Fault[]): NemesisVerdict {
  const attacks = faults.filter(({ nemesis }) => nemesis === name);
  return { attacks: attacks.length, bit: attacks.filter(({ bit }) => bit).length };
}
