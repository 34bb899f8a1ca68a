import { compareQuantities, parseQuantity, ZERO_QUANTITY } from "../../api/machinery/quantity.js";
import { classNameOf, waitsForConsumer } from "../../api/schema/storage/storage-class.js";
import { claimsOf, isMadeFor, notMadeFor } from "../../api/schema/storage/pod-claims.js";
import {
  BIND_COMPLETED,
  NO_PROVISIONER,
  SELECTED_NODE,
} from "../../api/schema/storage/storage-names.js";
import { findVolume, isCandidate, isReachable } from "../../api/schema/storage/volume-matching.js";
import type {
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  TopologySelectorTerm,
} from "../../api/schema/types/core-v1.gen.js";
import type { ClusterView } from "../framework/cluster-snapshot.js";
import { type CycleState, StateKey } from "../framework/cycle-state.js";
import {
  type BindingContext,
  type ClusterEvent,
  type FilterPlugin,
  type PostBindPlugin,
  type PreBindPlugin,
  type PreFilterPlugin,
  type QueueingHint,
  type ReservePlugin,
  SKIP,
  type Status,
  SUCCESS,
  unresolvable,
  type VolumeDecision,
} from "../framework/interfaces.js";
import type { NodeInfo } from "../framework/node-info.js";
import type { PodInfo } from "../framework/pod-info.js";
import { AssumedStorage, type StorageView } from "../framework/storage-view.js";
import { keptFor, selectedFor } from "./volume-decision.js";

const NODE_CONFLICT = unresolvable("node(s) didn't match PersistentVolume's node affinity");
const NOTHING_TO_BIND = unresolvable("node(s) didn't find available persistent volumes to bind");
const NO_SUCH_VOLUME = unresolvable(
  "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)",
);
const UNBOUND_IMMEDIATE = unresolvable("pod has unbound immediate PersistentVolumeClaims");

/** The pod's claims as PreFilter found them, and what Filter decided for each node. */
interface PodStorage {
  readonly storage: StorageView;
  readonly bound: readonly PersistentVolumeClaim[];
  /** Smallest first: the large ones are left what is large. */
  readonly waiting: readonly WaitingClaim[];
  readonly decisions: Map<string, VolumeDecision>;
}

/** A claim and the volumes that are to be had for it anywhere, found once for all nodes. */
interface WaitingClaim {
  readonly claim: PersistentVolumeClaim;
  readonly candidates: readonly PersistentVolume[];
}

const POD_STORAGE = new StateKey<PodStorage>("VolumeBinding");

/**
 * Sends a pod to nodes from which its volumes can be reached, finds volumes for claims that wait
 * for a pod, and lets the pod go to its node once all are bound. Rules: kube-scheduler's
 * VolumeBinding.
 */
export class VolumeBinding
  implements PreFilterPlugin, FilterPlugin, ReservePlugin, PreBindPlugin, PostBindPlugin
{
  readonly name = "VolumeBinding";
  private readonly assumed = new AssumedStorage();

  preFilter(state: CycleState, { pod }: PodInfo, view: ClusterView): Status {
    const claims = claimsOf(pod);
    if (claims.length === 0) return SKIP;
    const storage = this.assumed.over(view.storage);
    const bound: PersistentVolumeClaim[] = [];
    const waiting: PersistentVolumeClaim[] = [];
    let isImmediate = false;
    for (const { claimName, ephemeral } of claims) {
      const claim = storage.claim(pod.metadata.namespace ?? "", claimName);
      if (claim === undefined) return unresolvable(missing(claimName, ephemeral));
      const quoted = JSON.stringify(claimName);
      if (claim.status?.phase === "Lost") {
        const volume = JSON.stringify(claim.spec.volumeName ?? "");
        const text = `bound to non-existent persistentvolume ${volume}`;
        return unresolvable(`persistentvolumeclaim ${quoted} ${text}`);
      }
      if (claim.metadata.deletionTimestamp !== undefined)
        return unresolvable(`persistentvolumeclaim ${quoted} is being deleted`);
      if (ephemeral && !isMadeFor(claim, pod)) return unresolvable(notMadeFor(claimName, pod));
      const kind = kindOf(claim, storage);
      if (kind === "bound") bound.push(claim);
      else if (kind === "waiting") waiting.push(claim);
      else isImmediate = true;
    }
    if (isImmediate) return UNBOUND_IMMEDIATE;
    state.write(POD_STORAGE, {
      storage,
      bound,
      waiting: bySize(waiting).map((claim) => withCandidates(claim, storage)),
      decisions: new Map(),
    });
    return SUCCESS;
  }

  filter(state: CycleState, _pod: PodInfo, { node }: NodeInfo): Status {
    const { storage, bound, waiting, decisions } = state.read(POD_STORAGE);
    for (const claim of bound) {
      const volume = storage.volume(claim.spec.volumeName ?? "");
      if (volume === undefined) return NO_SUCH_VOLUME;
      if (!isReachable(volume, node)) return NODE_CONFLICT;
    }
    const decision = decide(waiting, node, storage);
    if (decision === null) return NOTHING_TO_BIND;
    decisions.set(node.metadata.name, decision);
    return SUCCESS;
  }

  reserve(state: CycleState, { uid }: PodInfo, nodeName: string): Status {
    const { bind, provision } = decisionOf(state, nodeName);
    for (const { volume, claim } of bind) this.assumed.assumeVolume(uid, keptFor(volume, claim));
    for (const claim of provision) this.assumed.assumeClaim(uid, selectedFor(claim, nodeName));
    return SUCCESS;
  }

  unreserve(_state: CycleState, { uid }: PodInfo): void {
    this.assumed.forget(uid);
  }

  preBind(state: CycleState, { pod }: PodInfo, context: BindingContext): Promise<void> {
    const decision = decisionOf(state, context.nodeName);
    return decision.bind.length + decision.provision.length === 0
      ? Promise.resolve()
      : context.binder.bindVolumes(pod, decision, context);
  }

  postBind(_state: CycleState, { uid }: PodInfo): void {
    this.assumed.forget(uid);
  }

  hint({ pod }: PodInfo, event: ClusterEvent): QueueingHint {
    switch (event.type) {
      case "PodUpdated":
      case "NodeAdded":
      case "NodeUpdated":
      case "VolumeChanged":
        return "Queue";
      case "ClaimChanged": {
        const { namespace, name } = event.claim.metadata;
        const isOurs = namespace === pod.metadata.namespace;
        const uses = isOurs && claimsOf(pod).some(({ claimName }) => claimName === name);
        return uses ? "Queue" : "Skip";
      }
      default:
        return "Skip";
    }
  }
}

const NOTHING: VolumeDecision = { bind: [], provision: [] };

function decisionOf(state: CycleState, nodeName: string): VolumeDecision {
  if (!state.has(POD_STORAGE)) return NOTHING;
  return state.read(POD_STORAGE).decisions.get(nodeName) ?? NOTHING;
}

function missing(claimName: string, ephemeral: boolean): string {
  const claim = `persistentvolumeclaim ${JSON.stringify(claimName)}`;
  return ephemeral
    ? `waiting for ephemeral volume controller to create the ${claim}`
    : `${claim} not found`;
}

function kindOf(
  claim: PersistentVolumeClaim,
  storage: StorageView,
): "bound" | "waiting" | "immediate" {
  const isNamed = (claim.spec.volumeName ?? "") !== "";
  if (isNamed && claim.metadata.annotations?.[BIND_COMPLETED] !== undefined) return "bound";
  if (isNamed) return "immediate";
  return waitsForConsumer(storage.storageClass(classNameOf(claim))) ? "waiting" : "immediate";
}

function bySize(claims: readonly PersistentVolumeClaim[]): readonly PersistentVolumeClaim[] {
  return [...claims].sort((a, b) => compareQuantities(sizeOf(a), sizeOf(b)));
}

function sizeOf({ spec }: PersistentVolumeClaim) {
  return parseQuantity(spec.resources?.requests?.["storage"] ?? "0") ?? ZERO_QUANTITY;
}

function withCandidates(claim: PersistentVolumeClaim, storage: StorageView): WaitingClaim {
  const all = [...storage.volumes()];
  return { claim, candidates: all.filter((volume) => isCandidate(volume, claim)) };
}

/** Volumes for the claims on this node: those that are there first; null: there is no way. */
function decide(
  claims: readonly WaitingClaim[],
  node: Node,
  storage: StorageView,
): VolumeDecision | null {
  const bind: { volume: PersistentVolume; claim: PersistentVolumeClaim }[] = [];
  const provision: PersistentVolumeClaim[] = [];
  const taken = new Set<string>();
  for (const { claim, candidates } of claims) {
    const selected = claim.metadata.annotations?.[SELECTED_NODE];
    if (selected !== undefined) {
      // It is being made, there and nowhere else.
      if (selected !== node.metadata.name) return null;
      provision.push(claim);
      continue;
    }
    const free = candidates.filter(({ metadata }) => !taken.has(metadata.name));
    const volume = findVolume(claim, free, { node, delayed: true });
    if (volume !== null) {
      taken.add(volume.metadata.name);
      bind.push({ volume, claim });
    } else if (isMakeable(claim, node, storage)) provision.push(claim);
    else return null;
  }
  return { bind, provision };
}

function isMakeable(claim: PersistentVolumeClaim, node: Node, storage: StorageView): boolean {
  const storageClass = storage.storageClass(classNameOf(claim));
  if (storageClass === undefined || storageClass.provisioner === NO_PROVISIONER) return false;
  const { allowedTopologies = [] } = storageClass;
  return allowedTopologies.length === 0 || allowedTopologies.some((term) => holds(term, node));
}

function holds({ matchLabelExpressions = [] }: TopologySelectorTerm, node: Node): boolean {
  const { labels = {} } = node.metadata;
  return matchLabelExpressions.every(({ key, values }) => values.includes(labels[key] ?? ""));
}
