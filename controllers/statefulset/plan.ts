import { scaledValue } from "../../api/machinery/intstr.js";
import type {
  ControllerRevision,
  StatefulSet,
  StatefulSetStatus,
} from "../../api/schema/types/apps-v1.gen.js";
import type { PersistentVolumeClaim, Pod } from "../../api/schema/types/core-v1.gen.js";
import type { OwnerReference } from "../../api/schema/types/meta-v1.gen.js";
import type { NewObject } from "../../api/schema/wire-types.js";
import { availableInMs, isPodReady, isPodTerminal } from "../common/pod-state.js";
import { POD_REVISION, templateOf } from "../common/revisions.js";
import { sameJson } from "../common/same-json.js";
import {
  claimOwners,
  claimNameOf,
  identityLabels,
  newClaims,
  newStatefulPod,
  ordinalOf,
  podNameOf,
} from "./identity.js";

/** What a plan is made from. */
export interface StatefulSetWorld {
  readonly set: StatefulSet;
  /** The set's pods, in any state. */
  readonly pods: readonly Pod[];
  /** The claim of this name in the set's namespace, whoever made it. */
  readonly claim: (name: string) => PersistentVolumeClaim | undefined;
  /** The revision that pods below the partition keep. */
  readonly current: ControllerRevision;
  /** The revision of the template of now. */
  readonly update: ControllerRevision;
  readonly collisionCount: number;
  readonly nowMs: number;
}

/** One write. */
export type StatefulSetStep =
  | {
      readonly kind: "create";
      readonly pod: NewObject<Pod>;
      readonly claims: readonly NewObject<PersistentVolumeClaim>[];
    }
  /** Claims of a pod that waits: they were lost since it was made. */
  | {
      readonly kind: "claims";
      readonly podName: string;
      readonly claims: readonly NewObject<PersistentVolumeClaim>[];
    }
  /** Nothing is done before this claim is gone: a pod must not begin with data that goes away. */
  | { readonly kind: "wait"; readonly podName: string; readonly claimName: string }
  | { readonly kind: "delete"; readonly pod: Pod; readonly why: "recreate" | "scale" | "update" }
  | { readonly kind: "label"; readonly pod: Pod; readonly labels: { readonly [k: string]: string } }
  | {
      readonly kind: "own";
      readonly claim: PersistentVolumeClaim;
      readonly owners: readonly OwnerReference[];
    };

/** What is to be done. The steps are independent of each other. */
export interface StatefulSetPlan {
  readonly steps: readonly StatefulSetStep[];
  /** Null: what is stored is right. */
  readonly status: StatefulSetStatus | null;
  /** When the next ready pod becomes available; null: none is waiting. */
  readonly requeueAfterMs: number | null;
}

/** Pure: the same arguments give the same plan. */
export function planStatefulSet(world: StatefulSetWorld): StatefulSetPlan {
  const { set, nowMs } = world;
  const { minReadySeconds = 0 } = set.spec;
  const placed = place(world);
  const status = statusOf(world, placed);
  const waits = world.pods
    .map((pod) => availableInMs(pod, minReadySeconds, nowMs) ?? 0)
    .filter((ms) => ms > 0);
  return {
    steps: set.metadata.deletionTimestamp === undefined ? planSteps(world, placed) : [],
    status: sameJson(status, withZeros(set.status)) ? null : status,
    requeueAfterMs: waits.length === 0 ? null : Math.min(...waits),
  };
}

/** Not more than this many pods are made at once. */
const BURST_MAX = 500;

interface Placed {
  /** By ordinal; null: it is missing. Of the missing ones the first BURST_MAX. */
  readonly wanted: readonly { readonly ordinal: number; readonly pod: Pod | null }[];
  /** Beyond the wanted ordinals, the highest first. */
  readonly condemned: readonly Pod[];
}

function place({ set, pods }: StatefulSetWorld): Placed {
  const { replicas = 1, ordinals } = set.spec;
  const start = ordinals?.start ?? 0;
  const byOrdinal = new Map<number, Pod>();
  const condemned: { readonly ordinal: number; readonly pod: Pod }[] = [];
  for (const pod of pods) {
    const ordinal = ordinalOf(set, pod.metadata.name);
    if (ordinal === null) continue;
    if (ordinal >= start && ordinal < start + replicas) byOrdinal.set(ordinal, pod);
    else condemned.push({ ordinal, pod });
  }
  condemned.sort((a, b) => b.ordinal - a.ordinal);
  const wanted: { ordinal: number; pod: Pod | null }[] = [];
  for (const [ordinal, pod] of byOrdinal) wanted.push({ ordinal, pod });
  let missing = 0;
  for (let i = start; i < start + replicas && missing < BURST_MAX; i += 1) {
    if (byOrdinal.has(i)) continue;
    wanted.push({ ordinal: i, pod: null });
    missing += 1;
  }
  wanted.sort((a, b) => a.ordinal - b.ordinal);
  return { wanted, condemned: condemned.map(({ pod }) => pod) };
}

function planSteps(world: StatefulSetWorld, placed: Placed): readonly StatefulSetStep[] {
  const { set } = world;
  const ordered = set.spec.podManagementPolicy !== "Parallel";
  const steps: StatefulSetStep[] = [];
  for (const { ordinal, pod } of placed.wanted) {
    const { step, settled } = planWanted(world, ordinal, pod);
    steps.push(...step);
    if (ordered && !settled) return steps;
  }
  for (const pod of placed.condemned) steps.push(...ownClaims(world, pod, true));
  const unhealthy = firstUnhealthy(placed);
  let scaling = false;
  for (const pod of placed.condemned) {
    // A pod that is not well holds up the others, unless it is the one whose turn it is.
    const holdsUp = isGoing(pod) || (!isAvailable(world, pod) && pod !== unhealthy);
    if (ordered && holdsUp) return steps;
    if (isGoing(pod)) continue;
    steps.push({ kind: "delete", pod, why: "scale" });
    scaling = true;
    if (ordered) return steps;
  }
  if (scaling || set.spec.updateStrategy?.type === "OnDelete") return steps;
  return [...steps, ...planUpdate(world, placed)];
}

/** `settled`: the pod is as it should be, so that the next one's turn comes. */
function planWanted(
  world: StatefulSetWorld,
  ordinal: number,
  pod: Pod | null,
): { readonly step: readonly StatefulSetStep[]; readonly settled: boolean } {
  const { set } = world;
  if (pod === null) return { step: [createStep(world, ordinal)], settled: false };
  if (isPodTerminal(pod)) {
    if (isGoing(pod)) return { step: [], settled: false };
    return { step: [{ kind: "delete", pod, why: "recreate" }], settled: false };
  }
  const step: StatefulSetStep[] = [...ownClaims(world, pod, false)];
  const lost = isPending(pod) && !isGoing(pod) ? missingClaims(world, ordinal) : [];
  if (lost.length > 0) step.push({ kind: "claims", podName: pod.metadata.name, claims: lost });
  const labels = identityLabels(set, ordinal);
  const own = pod.metadata.labels ?? {};
  if (Object.entries(labels).some(([key, value]) => own[key] !== value))
    step.push({ kind: "label", pod, labels });
  return { step, settled: !isGoing(pod) && isAvailable(world, pod) };
}

function createStep(world: StatefulSetWorld, ordinal: number): StatefulSetStep {
  const { set, current, update } = world;
  const revision = isKept(set, ordinal) ? current : update;
  const template = revision === update ? set.spec.template : templateOf(revision);
  const pod = newStatefulPod(set, { ordinal, template, revision: revision.metadata.name });
  const claims = newClaims(set, ordinal);
  const going = claims.find(({ metadata }) => {
    const claim = world.claim(metadata.name ?? "");
    return claim?.metadata.deletionTimestamp !== undefined;
  });
  if (going !== undefined) {
    const [podName, claimName] = [pod.metadata.name ?? "", going.metadata.name ?? ""];
    return { kind: "wait", podName, claimName };
  }
  return { kind: "create", pod, claims: missingClaims(world, ordinal) };
}

function missingClaims(
  { set, claim }: StatefulSetWorld,
  ordinal: number,
): readonly NewObject<PersistentVolumeClaim>[] {
  return newClaims(set, ordinal).filter(({ metadata }) => claim(metadata.name ?? "") === undefined);
}

function isPending({ status }: Pod): boolean {
  return (status?.phase ?? "Pending") === "Pending";
}

/** The ordinal lies below the partition: it keeps the current revision. */
function isKept({ spec }: StatefulSet, ordinal: number): boolean {
  const { updateStrategy, ordinals } = spec;
  if (updateStrategy?.type === "OnDelete") return false;
  return ordinal < (ordinals?.start ?? 0) + (updateStrategy?.rollingUpdate?.partition ?? 0);
}

function ownClaims(
  world: StatefulSetWorld,
  pod: Pod,
  condemned: boolean,
): readonly StatefulSetStep[] {
  const { set } = world;
  const ordinal = ordinalOf(set, pod.metadata.name);
  if (ordinal === null) return [];
  return (set.spec.volumeClaimTemplates ?? []).flatMap(({ metadata }) => {
    const claim = world.claim(claimNameOf(set, metadata.name, ordinal));
    if (claim === undefined || claim.metadata.deletionTimestamp !== undefined) return [];
    const owners = claimOwners(set, { pod, condemned });
    const others = (claim.metadata.ownerReferences ?? []).filter(
      ({ kind, name }) =>
        !(kind === "StatefulSet" && name === set.metadata.name) &&
        !(kind === "Pod" && name === podNameOf(set, ordinal)),
    );
    const wanted = [...others, ...owners];
    if (sameJson(wanted, claim.metadata.ownerReferences ?? [])) return [];
    return [{ kind: "own" as const, claim, owners: wanted }];
  });
}

function firstUnhealthy({ wanted, condemned }: Placed): Pod | null {
  const upwards = [...wanted.map(({ pod }) => pod), ...[...condemned].reverse()];
  return upwards.find((pod) => pod !== null && !isHealthy(pod)) ?? null;
}

/** From the highest ordinal down, as many at a time as may be unavailable. */
function planUpdate(world: StatefulSetWorld, { wanted }: Placed): readonly StatefulSetStep[] {
  const { set, update } = world;
  const { replicas = 1, ordinals, updateStrategy } = set.spec;
  const { partition = 0, maxUnavailable = 1 } = updateStrategy?.rollingUpdate ?? {};
  const first = (ordinals?.start ?? 0) + partition;
  const most = Math.max(1, scaledValue(maxUnavailable, replicas, "up") ?? 1);
  const available = wanted.filter(({ pod }) => pod !== null && isAvailable(world, pod)).length;
  let budget = most - (replicas - available);
  const steps: StatefulSetStep[] = [];
  for (const { ordinal, pod } of [...wanted].reverse()) {
    if (ordinal < first) break;
    if (pod === null || pod.metadata.labels?.[POD_REVISION] === update.metadata.name) continue;
    if (isGoing(pod)) continue;
    // One that is down already is replaced at no cost.
    const cost = isAvailable(world, pod) ? 1 : 0;
    if (cost > 0 && cost > budget) break;
    budget -= cost;
    steps.push({ kind: "delete", pod, why: "update" });
  }
  return steps;
}

function isGoing({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function isHealthy(pod: Pod): boolean {
  return pod.status?.phase === "Running" && isPodReady(pod) && !isGoing(pod);
}

function isAvailable({ set, nowMs }: StatefulSetWorld, pod: Pod): boolean {
  return isHealthy(pod) && availableInMs(pod, set.spec.minReadySeconds ?? 0, nowMs) === 0;
}

function statusOf(world: StatefulSetWorld, placed: Placed): StatefulSetStatus {
  const { set, current, update, collisionCount } = world;
  const all = [...placed.wanted.flatMap(({ pod }) => pod ?? []), ...placed.condemned];
  const staying = all.filter((pod) => !isGoing(pod));
  const of = (revision: ControllerRevision): number =>
    staying.filter((pod) => pod.metadata.labels?.[POD_REVISION] === revision.metadata.name).length;
  const counts = {
    replicas: all.length,
    readyReplicas: all.filter((pod) => pod.status?.phase === "Running" && isPodReady(pod)).length,
    availableReplicas: all.filter((pod) => isAvailable(world, pod)).length,
    currentReplicas: of(current),
    updatedReplicas: of(update),
  };
  const { replicas = 1, updateStrategy } = set.spec;
  const settled = [counts.replicas, counts.readyReplicas, counts.updatedReplicas];
  const done = updateStrategy?.type !== "OnDelete" && settled.every((count) => count === replicas);
  const conditions = set.status?.conditions ?? [];
  return {
    ...counts,
    currentReplicas: done ? counts.updatedReplicas : counts.currentReplicas,
    observedGeneration: set.metadata.generation ?? 0,
    currentRevision: done ? update.metadata.name : current.metadata.name,
    updateRevision: update.metadata.name,
    collisionCount,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}

/** Zeros may be left out: they say the same. */
function withZeros(status: StatefulSetStatus | undefined): StatefulSetStatus | undefined {
  if (status === undefined) return undefined;
  const { conditions = [], ...rest } = status;
  return {
    readyReplicas: 0,
    availableReplicas: 0,
    currentReplicas: 0,
    updatedReplicas: 0,
    collisionCount: 0,
    ...rest,
    ...(conditions.length === 0 ? {} : { conditions }),
  };
}
