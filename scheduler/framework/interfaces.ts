import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
} from "../../api/schema/types/core-v1.gen.js";
import type { ClusterView } from "./cluster-snapshot.js";
import type { CycleState } from "./cycle-state.js";
import type { NodeInfo } from "./node-info.js";
import type { Candidate, Fits } from "../preemption.js";
import type { PodInfo } from "./pod-info.js";

/**
 * Why a plugin said no. An expected answer, so a value and not an exception.
 * - Skip: this plugin has nothing to say to this pod; its later stages are not run.
 * - Unschedulable: not now, but pods that leave could make room.
 * - UnschedulableAndUnresolvable: whoever leaves, this will not do.
 */
export type Status =
  | { readonly code: "Success" }
  | { readonly code: "Skip" }
  | { readonly code: "Unschedulable"; readonly reasons: readonly string[] }
  | { readonly code: "UnschedulableAndUnresolvable"; readonly reasons: readonly string[] };

export type Refusal = Extract<Status, { readonly reasons: readonly string[] }>;

export const SUCCESS: Status = { code: "Success" };
export const SKIP: Status = { code: "Skip" };

/** A refusal that pods leaving could mend. Make it once: filters run for every node. */
export function unschedulable(...reasons: readonly string[]): Refusal {
  return { code: "Unschedulable", reasons };
}

/** A refusal that no pod's leaving mends. */
export function unresolvable(...reasons: readonly string[]): Refusal {
  return { code: "UnschedulableAndUnresolvable", reasons };
}

/** Something happened in the cluster that may let a refused pod fit. */
export type ClusterEvent =
  | { readonly type: "NodeAdded"; readonly node: Node }
  | { readonly type: "NodeUpdated"; readonly node: Node; readonly old: Node }
  | { readonly type: "AssignedPodAdded"; readonly pod: Pod }
  | { readonly type: "AssignedPodUpdated"; readonly pod: Pod; readonly old: Pod }
  | { readonly type: "AssignedPodDeleted"; readonly pod: Pod }
  /** A claim came or changed. */
  | { readonly type: "ClaimChanged"; readonly claim: PersistentVolumeClaim }
  /** A volume or a StorageClass came or changed. */
  | { readonly type: "VolumeChanged" }
  /** The refused pod itself was changed. */
  | { readonly type: "PodUpdated"; readonly pod: Pod; readonly old: Pod };

/** Whether an event makes it worthwhile to try a pod again. */
export type QueueingHint = "Queue" | "Skip";

/** Every plugin. What it does beside is told by the methods it has. */
export interface Plugin {
  readonly name: string;
  /** Asked for a pod that this plugin refused. Without it every event is worth a try. */
  hint?(pod: PodInfo, event: ClusterEvent): QueueingHint;
}

/** Holds a pod back before it is even queued. */
export interface PreEnqueuePlugin extends Plugin {
  preEnqueue(pod: Pod): Status;
}

/** The order of the queue. There is exactly one. */
export interface QueueSortPlugin extends Plugin {
  /** True when `a` comes first. */
  less(a: QueuedPod, b: QueuedPod): boolean;
}
export interface QueuedPod {
  readonly info: PodInfo;
  /** Monotonic milliseconds when it was first queued. */
  readonly queuedAtMs: number;
}

/** Looks at the pod and the cluster once, before the nodes. */
export interface PreFilterPlugin extends Plugin {
  /** A refusal is final for every node. */
  preFilter(state: CycleState, pod: PodInfo, view: ClusterView): Status;
  /** After preFilter: the only nodes worth looking at, by name; null: all. */
  nodeNames?(pod: PodInfo): ReadonlySet<string> | null;
}

/** Says of each node whether it will do. */
export interface FilterPlugin extends Plugin {
  filter(state: CycleState, pod: PodInfo, node: NodeInfo): Status;
}

/** Looks at the feasible nodes once, before they are scored. */
export interface PreScorePlugin extends Plugin {
  preScore(state: CycleState, pod: PodInfo, context: ScoreContext): Status;
}
export interface ScoreContext {
  readonly view: ClusterView;
  readonly feasible: readonly NodeInfo[];
}

/** Says of each feasible node how good it is. */
export interface ScorePlugin extends Plugin {
  /** An integer, 0 … 100 unless `normalize` makes it so. */
  score(state: CycleState, pod: PodInfo, node: NodeInfo): number;
  /** Brings the scores of all feasible nodes, in their order, to 0 … 100, in place. */
  normalize?(state: CycleState, pod: PodInfo, scores: number[]): void;
}

/** The best score of one plugin for one node. */
export const MAX_NODE_SCORE = 100;

/** What a plugin asks of the outside while a pod is bound. */
export interface Binder {
  bind(pod: Pod, nodeName: string, signal: AbortSignal): Promise<void>;
  /** Resolves once the pod's claims are bound as decided for that node. */
  bindVolumes(
    pod: Pod,
    decision: VolumeDecision,
    context: { readonly nodeName: string; readonly signal: AbortSignal },
  ): Promise<void>;
}

/** What becomes of a pod's claims on a node. */
export interface VolumeDecision {
  /** Claims and the volumes that they get. */
  readonly bind: readonly {
    readonly volume: PersistentVolume;
    readonly claim: PersistentVolumeClaim;
  }[];
  /** Claims whose volumes are to be made there. */
  readonly provision: readonly PersistentVolumeClaim[];
}

/**
 * Does something for a decided pod on the way to its node; may take its time. Throwing undoes the
 * decision.
 */
export interface ReservePlugin extends Plugin {
  reserve(state: CycleState, pod: PodInfo, nodeName: string): Status;
  /** Undoes reserve(); must not fail, also when reserve() was never called. */
  unreserve(state: CycleState, pod: PodInfo, nodeName: string): void;
}
export interface BindingContext {
  readonly nodeName: string;
  readonly binder: Binder;
  readonly signal: AbortSignal;
}
export interface PermitPlugin extends Plugin {
  permit(state: CycleState, pod: PodInfo, nodeName: string): Status;
}
export interface PreBindPlugin extends Plugin {
  preBind(state: CycleState, pod: PodInfo, context: BindingContext): Promise<void>;
}
export interface BindPlugin extends Plugin {
  bind(state: CycleState, pod: PodInfo, context: BindingContext): Promise<void>;
}
export interface PostBindPlugin extends Plugin {
  postBind(state: CycleState, pod: PodInfo, nodeName: string): void;
}

/** Called when no node will do: may find a way, or say why there is none. */
export interface PostFilterPlugin extends Plugin {
  postFilter(state: CycleState, pod: PodInfo, context: PostFilterContext): PostFilterResult;
}
export interface PostFilterContext {
  readonly view: ClusterView;
  /** What each node was refused for, by name. */
  readonly refusals: ReadonlyMap<string, Refusal>;
  readonly fits: Fits;
}
export interface PostFilterResult {
  /** What to say of it; "" for nothing. */
  readonly text: string;
  /** Who is to be put out, and where; null: nobody. */
  readonly preemption: Candidate | null;
}
