import { parseTimeMs } from "../../api/machinery/time.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { isPodActive, isPodReady, readySinceMs } from "./pod-state.js";

const DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";
const PHASE_RANK: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 };

interface Ranked {
  readonly pod: Pod;
  /** Compared one after the other, the smaller goes first. */
  readonly keys: readonly number[];
}

/**
 * The order in which pods are given up, as Kubernetes documents it: unscheduled, pending, not
 * ready, cheap, doubled up on a node, ready for a shorter time, restarted more often, younger.
 * `related`: the pods that count for how full a node is.
 */
export function cheapestFirst(
  active: readonly Pod[],
  world: { readonly related: readonly Pod[]; readonly nowMs: number },
): Pod[] {
  const perNode = new Map<string, number>();
  for (const pod of world.related) {
    const node = pod.spec.nodeName ?? "";
    if (node !== "" && isPodActive(pod)) perNode.set(node, (perNode.get(node) ?? 0) + 1);
  }
  const ranked = active.map((pod) => ({ pod, keys: sortKeys(pod, perNode, world.nowMs) }));
  return ranked.sort(compareRanked).map(({ pod }) => pod);
}

function sortKeys(pod: Pod, perNode: ReadonlyMap<string, number>, nowMs: number): number[] {
  const node = pod.spec.nodeName ?? "";
  const createdMs = parseTimeMs(pod.metadata.creationTimestamp) ?? nowMs;
  return [
    node === "" ? 0 : 1,
    PHASE_RANK[pod.status?.phase ?? "Pending"] ?? 0,
    isPodReady(pod) ? 1 : 0,
    deletionCost(pod),
    -(perNode.get(node) ?? 0),
    ageBucket(readySinceMs(pod), nowMs),
    -restartsOf(pod),
    ageBucket(createdMs, nowMs),
  ];
}

/**
 * Ages are compared by their order of magnitude, so that not always the newest is taken (KEP-2185).
 */
function ageBucket(sinceMs: number | null, nowMs: number): number {
  if (sinceMs === null) return -1;
  return Math.floor(Math.log2(Math.max(1, nowMs - sinceMs)));
}

function compareRanked(a: Ranked, b: Ranked): number {
  for (let i = 0; i < a.keys.length; i += 1) {
    const difference = (a.keys[i] ?? 0) - (b.keys[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.pod.metadata.uid < b.pod.metadata.uid ? -1 : 1;
}

/** What the pod's annotation says it costs to remove it; 0 when it says nothing sensible. */
function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[DELETION_COST] ?? "0";
  if (!/^-?(0|[1-9][0-9]*)$/.test(text)) return 0;
  const cost = Number(text);
  return Math.abs(cost) < 2 ** 31 ? cost : 0;
}

function restartsOf(pod: Pod): number {
  const statuses = pod.status?.containerStatuses ?? [];
  return statuses.reduce((most, status) => Math.max(most, status.restartCount), 0);
}
