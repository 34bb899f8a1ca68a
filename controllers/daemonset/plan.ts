import type { DaemonSet, DaemonSetStatus } from "../../api/schema/types/apps-v1.gen.js";
import type { Node, Pod } from "../../api/schema/types/core-v1.gen.js";
import { availableInMs, isPodReady } from "../common/pod-state.js";
import { POD_REVISION } from "../common/revisions.js";
import { sameJson } from "../common/same-json.js";
import { eligibility, nodeOf } from "./placement.js";
import { paceOf, planRollOut } from "./rolling-update.js";

/** What a plan is made from. */
export interface DaemonSetWorld {
  readonly set: DaemonSet;
  /** The DaemonSet's pods, in any state. */
  readonly pods: readonly Pod[];
  readonly nodes: Iterable<Node>;
  /** The label of the pods of the newest template. */
  readonly hash: string;
  readonly collisionCount: number;
  readonly nowMs: number;
}

/** What is to be done. */
export interface DaemonSetPlan {
  /** Names of nodes to make a pod for. */
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
  /** Pods that have ended: removed too, but not again and again without a pause. */
  readonly ended: readonly Pod[];
  /** Null: what is stored is right. */
  readonly status: DaemonSetStatus | null;
  /** When the next ready pod becomes available; null: none is waiting. */
  readonly requeueAfterMs: number | null;
}

/** Not more than this many pods are made or removed at once. */
const BURST_MAX = 250;

/** Pure: the same arguments give the same plan. */
export function planDaemonSet(world: DaemonSetWorld): DaemonSetPlan {
  const { set, pods, nodes, nowMs } = world;
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods) {
    const node = nodeOf(pod) ?? "";
    const known = byNode.get(node);
    if (known === undefined) byNode.set(node, [pod]);
    else known.push(pod);
  }
  const plan = { create: [] as string[], remove: [] as Pod[], ended: [] as Pod[] };
  const wanted: { readonly name: string; readonly pods: readonly Pod[] }[] = [];
  const counts = { misscheduled: 0 };
  const staying = new Map<string, readonly Pod[]>();
  for (const node of nodes) {
    const { name } = node.metadata;
    const own = byNode.get(name) ?? [];
    byNode.delete(name);
    const { runs, keeps } = eligibility(set, node);
    if (runs) wanted.push({ name, pods: own });
    else if (own.length > 0) counts.misscheduled += 1;
    if (runs && own.length === 0) plan.create.push(name);
    if (!keeps) plan.remove.push(...own.filter(isStaying));
    else review(world, own, plan);
    if (runs) staying.set(name, own.filter(isStaying));
  }
  // What is left is meant for nodes that are gone; a bound pod is for the pod collector.
  for (const own of byNode.values())
    plan.remove.push(...own.filter((pod) => isStaying(pod) && (pod.spec.nodeName ?? "") === ""));
  const pace = paceOf(set, wanted.length);
  const steady = plan.create.length + plan.remove.length === 0;
  if (pace !== null && steady) {
    const { create, remove } = planRollOut({ ...world, byNode: staying, pace });
    plan.create.push(...create);
    plan.remove.push(...remove);
  }
  const status = statusOf(world, wanted, counts.misscheduled);
  const lives = set.metadata.deletionTimestamp === undefined;
  const minReady = set.spec.minReadySeconds ?? 0;
  const waits = pods.map((pod) => availableInMs(pod, minReady, nowMs) ?? 0).filter((ms) => ms > 0);
  return {
    create: lives ? plan.create.slice(0, BURST_MAX) : [],
    remove: lives ? plan.remove.slice(0, BURST_MAX) : [],
    ended: lives ? plan.ended.slice(0, BURST_MAX) : [],
    status: sameJson(status, withZeros(set.status)) ? null : status,
    requeueAfterMs: waits.length === 0 ? null : Math.min(...waits),
  };
}

function isStaying({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp === undefined;
}

/** Takes away what has ended and what is too many on a node. */
function review(
  { set, hash }: DaemonSetWorld,
  own: readonly Pod[],
  plan: { readonly remove: Pod[]; readonly ended: Pod[] },
): void {
  const running: Pod[] = [];
  for (const pod of own.filter(isStaying)) {
    const { phase } = pod.status ?? {};
    if (phase === "Failed" || phase === "Succeeded") plan.ended.push(pod);
    else running.push(pod);
  }
  running.sort(olderFirst);
  if (paceOf(set, 1)?.surge === 0 || set.spec.updateStrategy?.type === "OnDelete")
    plan.remove.push(...running.slice(1));
  else {
    const isNew = ({ metadata }: Pod): boolean => metadata.labels?.[POD_REVISION] === hash;
    plan.remove.push(...running.filter(isNew).slice(1));
    plan.remove.push(...running.filter((pod) => !isNew(pod)).slice(1));
  }
}

function olderFirst({ metadata: a }: Pod, { metadata: b }: Pod): number {
  if (a.creationTimestamp !== b.creationTimestamp)
    return a.creationTimestamp < b.creationTimestamp ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

function statusOf(
  { set, hash, collisionCount, nowMs }: DaemonSetWorld,
  wanted: readonly { readonly pods: readonly Pod[] }[],
  numberMisscheduled: number,
): DaemonSetStatus {
  const minReadySeconds = set.spec.minReadySeconds ?? 0;
  const counts = { scheduled: 0, ready: 0, available: 0, updated: 0 };
  for (const { pods } of wanted) {
    // Of several the oldest stands for the node, unless a ready one can.
    const sorted = [...pods].sort(olderFirst);
    const pod = sorted.find(isPodReady) ?? sorted[0];
    if (pod === undefined) continue;
    counts.scheduled += 1;
    if (isPodReady(pod)) counts.ready += 1;
    if (availableInMs(pod, minReadySeconds, nowMs) === 0) counts.available += 1;
    const newest = sorted.some(({ metadata }) => metadata.labels?.[POD_REVISION] === hash);
    if (newest) counts.updated += 1;
  }
  const { conditions = [] } = set.status ?? {};
  return {
    desiredNumberScheduled: wanted.length,
    currentNumberScheduled: counts.scheduled,
    numberMisscheduled,
    numberReady: counts.ready,
    numberAvailable: counts.available,
    numberUnavailable: wanted.length - counts.available,
    updatedNumberScheduled: counts.updated,
    observedGeneration: set.metadata.generation ?? 0,
    ...(collisionCount === 0 ? {} : { collisionCount }),
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** Zeros may be left out: they say the same. */
function withZeros(status: DaemonSetStatus | undefined): DaemonSetStatus | undefined {
  if (status === undefined) return undefined;
  const { conditions = [], ...rest } = status;
  return {
    numberAvailable: 0,
    numberUnavailable: 0,
    updatedNumberScheduled: 0,
    ...rest,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}
