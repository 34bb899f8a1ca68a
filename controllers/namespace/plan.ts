import { formatTime } from "../../api/machinery/time.js";
import type {
  Namespace,
  NamespaceCondition,
  NamespaceStatus,
} from "../../api/schema/types/core-v1.gen.js";
import { sameJson } from "../common/same-json.js";

/** What is left of one resource in the namespace. */
export interface Remaining {
  /** Such as `pods.` or `deployments.apps`. */
  readonly resource: string;
  readonly count: number;
  /** Finalizer → how many objects wait for it. */
  readonly finalizers: ReadonlyMap<string, number>;
}

/** What one pass over a namespace's content found. */
export interface ContentReport {
  readonly discoveryFailures: ReadonlyMap<string, string>;
  readonly deletionFailures: readonly string[];
  readonly remaining: readonly Remaining[];
}

/** The finalizer that this loop takes away when nothing is left. */
export const FINALIZER = "kubernetes";

interface Verdict {
  readonly type: string;
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

/**
 * The status of a namespace that is going, in Kubernetes' words; null when it is stored like that.
 */
export function planNamespaceStatus(
  namespace: Namespace,
  report: ContentReport,
  nowMs: number,
): NamespaceStatus | null {
  const old = namespace.status?.conditions ?? [];
  const verdicts = verdictsOf(report);
  const types = new Set(verdicts.map(({ type }) => type));
  const kept = old.filter(({ type }) => !types.has(type));
  const conditions = [...kept, ...verdicts.map((verdict) => stamp(verdict, old, nowMs))];
  const status: NamespaceStatus = { ...namespace.status, phase: "Terminating", conditions };
  return sameJson(status, namespace.status) ? null : status;
}

/** True when nothing is left and nothing went wrong. */
export function isEmpty({
  discoveryFailures,
  deletionFailures,
  remaining,
}: ContentReport): boolean {
  return discoveryFailures.size === 0 && deletionFailures.length === 0 && remaining.length === 0;
}

function stamp(
  verdict: Verdict,
  old: readonly NamespaceCondition[],
  nowMs: number,
): NamespaceCondition {
  const known = old.find(({ type }) => type === verdict.type);
  const lastTransitionTime =
    known?.status === verdict.status ? known.lastTransitionTime : formatTime(nowMs);
  return { ...verdict, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) };
}

function verdictsOf(report: ContentReport): readonly Verdict[] {
  const { discoveryFailures, deletionFailures, remaining } = report;
  const undiscovered = [...discoveryFailures].map(([version, why]) => `${version}: ${why}`).sort();
  return [
    verdict("NamespaceDeletionDiscoveryFailure", {
      bad: ["DiscoveryFailed", undiscovered.length > 0],
      badMessage:
        `Discovery failed for some groups, ${undiscovered.length} failing: ` +
        undiscovered.join(", "),
      good: ["ResourcesDiscovered", "All resources successfully discovered"],
    }),
    verdict("NamespaceDeletionGroupVersionParsingFailure", {
      bad: ["GroupVersionParsingFailed", false],
      badMessage: "",
      good: ["ParsedGroupVersions", "All legacy kube types successfully parsed"],
    }),
    verdict("NamespaceDeletionContentFailure", {
      bad: ["ContentDeletionFailed", deletionFailures.length > 0],
      badMessage:
        `Failed to delete all resource types, ${deletionFailures.length} remaining: ` +
        deletionFailures.join(", "),
      good: ["ContentDeleted", "All content successfully deleted, may be waiting on finalization"],
    }),
    verdict("NamespaceContentRemaining", {
      bad: ["SomeResourcesRemain", remaining.length > 0],
      badMessage: `Some resources are remaining: ${countMessage(remaining)}`,
      good: ["ContentRemoved", "All content successfully removed"],
    }),
    verdict("NamespaceFinalizersRemaining", {
      bad: ["SomeFinalizersRemain", remaining.some(({ finalizers }) => finalizers.size > 0)],
      badMessage:
        "Some content in the namespace has finalizers remaining: " + finalizerMessage(remaining),
      good: ["ContentHasNoFinalizers", "All content-preserving finalizers finished"],
    }),
  ];
}

function verdict(
  type: string,
  words: {
    readonly bad: readonly [reason: string, holds: boolean];
    readonly badMessage: string;
    readonly good: readonly [reason: string, message: string];
  },
): Verdict {
  const [badReason, holds] = words.bad;
  const [goodReason, goodMessage] = words.good;
  return holds
    ? { type, status: "True", reason: badReason, message: words.badMessage }
    : { type, status: "False", reason: goodReason, message: goodMessage };
}

function countMessage(remaining: readonly Remaining[]): string {
  return remaining
    .map(({ resource, count }) => `${resource} has ${count} resource instances`)
    .sort()
    .join(", ");
}

function finalizerMessage(remaining: readonly Remaining[]): string {
  const counts = new Map<string, number>();
  for (const { finalizers } of remaining)
    for (const [name, count] of finalizers) counts.set(name, (counts.get(name) ?? 0) + count);
  return [...counts]
    .map(([name, count]) => `${name} in ${count} resource instances`)
    .sort()
    .join(", ");
}
