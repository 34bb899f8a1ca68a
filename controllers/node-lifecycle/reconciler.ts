import { isAlreadyExists, isNotFound } from "../../api/client/api-error.js";
import type { EventRecorder } from "../../api/client/event-recorder.js";
import { BY_NODE, byNode, type Lister } from "../../api/client/indexer.js";
import { keyOf, type ObjectKey, objectKey } from "../../api/client/object-key.js";
import { LEASES, NODES, PODS } from "../../api/client/resource-types.js";
import type { Node, Pod } from "../../api/schema/types/core-v1.gen.js";
import type { Lease } from "../../api/schema/types/coordination-v1.gen.js";
import type { JsonValue, NewObject } from "../../api/schema/wire-types.js";
import {
  type LoopContext,
  type LoopFactory,
  newQueue,
  queueLoop,
  type Reconciler,
  type Result,
} from "../controller.js";
import { EvictionPace, zoneOf } from "./eviction-pace.js";
import { followLiveness } from "./liveness-stream.js";
import {
  type Evictions,
  joiningLeftMs,
  LinkTracker,
  type LinkState,
  type NodeLifecyclePlan,
  planNodeLifecycle,
  planPodUnready,
} from "./plan.js";

const NODE_LEASE_NAMESPACE = "kube-node-lease";
const LEASE_SECONDS = 40;
/** A node that is called silent and says otherwise is not called silent again before this. */
const DISPUTE_MS = 5000;

/**
 * The loop that turns the liveness of nodes into what everybody sees: conditions Unknown and
 * taints on a node that went silent, taints that follow conditions, pods not ready on a node that
 * is not. Also makes each node's Lease, once.
 */
export const nodeLifecycleLoop: LoopFactory = (context) => {
  const name = "node_lifecycle_controller";
  const queue = newQueue(context, name);
  const nodes = context.informers.informer(NODES);
  const pods = context.informers.informer(PODS);
  pods.addIndex(BY_NODE, byNode);
  const tracker = new LinkTracker();
  const pace = new EvictionPace();
  const recorder = context.events.recorder({ component: "node-controller" });
  const nowMs = (): number => context.clock.monotonicMs();
  nodes.addHandler({
    added: (node) => {
      tracker.seen(node.metadata.name, nowMs());
      queue.add(keyOf(node));
    },
    updated: (node) => queue.add(keyOf(node)),
    deleted: (node) => {
      const { name: gone } = node.metadata;
      const message = `Node ${gone} event: Removing Node ${gone} from Controller`;
      recorder.event(node, "Normal", { reason: "RemovingNode", message });
      tracker.forget(gone);
      if (pace.delete(gone)) enqueueAll();
    },
  });
  const enqueueAll = (): void => {
    for (const key of nodes.lister.keys()) queue.add(key);
  };
  const reconciler = new NodeLifecycleReconciler(context, {
    nodes: nodes.lister,
    pods: pods.lister,
    tracker,
    pace,
    everybodyConcerned: enqueueAll,
    recorder,
  });
  const loop = queueLoop(context, { name, queue, reconciler });
  const logger = context.logger.with({ controller: name });
  const { client, clock, random } = context;
  return {
    name,
    run: async (signal) => {
      const events = {
        opened: () => (tracker.opened(nowMs()), enqueueAll()),
        lost: () => tracker.lost(),
        heard: (liveness: Parameters<LinkTracker["heard"]>[0]) => {
          tracker.heard(liveness, nowMs());
          queue.add(objectKey(undefined, liveness.node));
        },
      };
      const follow = followLiveness(client, events, { clock, random, logger, signal });
      await Promise.all([loop.run(signal), follow]);
    },
  };
};

interface NodeLifecycleState {
  readonly nodes: Lister<Node>;
  readonly pods: Lister<Pod>;
  readonly tracker: LinkTracker;
  readonly pace: EvictionPace;
  readonly recorder: EventRecorder;
  /** Called when what is true of one node has changed what is to be done about all. */
  readonly everybodyConcerned: () => void;
}

class NodeLifecycleReconciler implements Reconciler {
  private readonly context: LoopContext;
  private readonly state: NodeLifecycleState;
  /** Uids of nodes whose Lease was made, or found, by this loop. */
  private readonly leased = new Set<string>();
  /**
   * When a node was last called silent, by its name: its agent may still reach the API and say
   * otherwise.
   */
  private readonly silencedMs = new Map<string, number>();

  constructor(context: LoopContext, state: NodeLifecycleState) {
    this.context = context;
    this.state = state;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const node = this.state.nodes.get(key);
    if (node === undefined || node.metadata.deletionTimestamp !== undefined) return {};
    const { name } = node.metadata;
    const { clock } = this.context;
    const { link, waitMs } = this.state.tracker.stateOf(name, clock.monotonicMs());
    const now = `${new Date(clock.nowMs()).toISOString().slice(0, 19)}Z`;
    const { evictions, evictionWaitMs } = this.evictions(node, link);
    const plan = planNodeLifecycle(node, link, { now, evictions });
    if (plan.conditions !== null) {
      const leftMs = this.disputeLeftMs(name);
      if (leftMs > 0) return { requeueAfterMs: leftMs };
    }
    await this.writeNode(node, plan, signal);
    if (plan.podsUnready) await this.unreadyPods(name, now, signal);
    await this.ensureLease(node, signal);
    const laterMs = Math.min(waitMs ?? Infinity, evictionWaitMs() ?? Infinity);
    return laterMs === Infinity ? {} : { requeueAfterMs: laterMs };
  }

  /** The pace of evictions, told what is known of the node now, and asked when it has to be. */
  private evictions(
    node: Node,
    link: LinkState,
  ): { evictions: Evictions; evictionWaitMs: () => number | null } {
    const { pace, everybodyConcerned } = this.state;
    const { name } = node.metadata;
    const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
    const isReady = link !== "dead" && ready?.status === "True";
    if (pace.set(name, zoneOf(node), isReady)) everybodyConcerned();
    let waitMs: number | null = null;
    const joiningMs = link === "dead" ? 0 : joiningLeftMs(node, this.context.clock.nowMs());
    const mayBegin = (): boolean => {
      if (joiningMs > 0) {
        waitMs = joiningMs;
        return false;
      }
      const begun = pace.begin(name, this.context.clock.monotonicMs());
      waitMs = begun === true ? null : begun;
      return begun === true;
    };
    return { evictions: { allDown: pace.allDown, mayBegin }, evictionWaitMs: () => waitMs };
  }

  /** How long to wait before a node is called silent once more; 0: not at all. */
  private disputeLeftMs(name: string): number {
    const nowMs = this.context.clock.monotonicMs();
    const leftMs = (this.silencedMs.get(name) ?? -DISPUTE_MS) + DISPUTE_MS - nowMs;
    if (leftMs > 0) return leftMs;
    this.silencedMs.set(name, nowMs);
    return 0;
  }

  private async writeNode(node: Node, plan: NodeLifecyclePlan, signal: AbortSignal): Promise<void> {
    const { name, resourceVersion } = node.metadata;
    const client = this.context.client.resource(NODES);
    const { conditions, taints } = plan;
    if (conditions !== null) {
      this.context.logger.info("a node went silent", { node: name });
      const status = { conditions } as unknown as JsonValue;
      await client.patch(name, { status }, { type: "strategic", subresource: "status", signal });
      const message = `Node ${name} status is now: NodeNotReady`;
      this.state.recorder.event(node, "Normal", { reason: "NodeNotReady", message });
      // The taints follow with the next look, from the node as it then is.
      if (taints !== null) return;
    }
    if (taints === null) return;
    // The list is replaced as a whole: only if nobody changed the node since we looked.
    const patch = { metadata: { resourceVersion }, spec: { taints } } as unknown as JsonValue;
    await client.patch(name, patch, { type: "merge", signal });
  }

  private async unreadyPods(node: string, now: string, signal: AbortSignal): Promise<void> {
    for (const pod of this.state.pods.byIndex(BY_NODE, node)) {
      const condition = planPodUnready(pod, now);
      if (condition === null) continue;
      const { name, namespace = "", uid } = pod.metadata;
      const message = "Node is not ready";
      this.state.recorder.event(pod, "Warning", { reason: "NodeNotReady", message });
      const patch = { metadata: { uid }, status: { conditions: [condition] } };
      const options = { namespace, type: "strategic", subresource: "status", signal } as const;
      await this.context.client
        .resource(PODS)
        .patch(name, patch as unknown as JsonValue, options)
        .catch(ignoreNotFound);
    }
  }

  /** Written once: from then on the server shows the last heartbeat as its renewTime. */
  private async ensureLease(node: Node, signal: AbortSignal): Promise<void> {
    const { name, uid } = node.metadata;
    if (this.leased.has(uid)) return;
    const created = (await this.hasLease(name, signal)) ? null : await this.newLease(node, signal);
    if (created !== null) {
      const message = `Node ${name} event: Registered Node ${name} in Controller`;
      this.state.recorder.event(node, "Normal", { reason: "RegisteredNode", message });
    }
    this.leased.add(uid);
  }

  private async hasLease(name: string, signal: AbortSignal): Promise<boolean> {
    try {
      const where = { namespace: NODE_LEASE_NAMESPACE, signal };
      await this.context.client.resource(LEASES).get(name, where);
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** Null: somebody else made it. */
  private async newLease({ metadata }: Node, signal: AbortSignal): Promise<Lease | null> {
    const { name, uid } = metadata;
    const time = new Date(this.context.clock.nowMs()).toISOString().replace("Z", "000Z");
    const owner = { apiVersion: "v1", kind: "Node", name, uid };
    const lease: NewObject<Lease> = {
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { name, namespace: NODE_LEASE_NAMESPACE, ownerReferences: [owner] },
      spec: { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime: time },
    };
    try {
      return await this.context.client.resource(LEASES).create(lease, { signal });
    } catch (error) {
      if (isAlreadyExists(error)) return null;
      throw error;
    }
  }
}

function ignoreNotFound(error: unknown): void {
  if (!isNotFound(error)) throw error;
}
