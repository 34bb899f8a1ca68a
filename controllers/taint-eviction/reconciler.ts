import { isConflict, isNotFound } from "../../api/client/api-error.js";
import type { EventRecorder } from "../../api/client/event-recorder.js";
import type { Lister } from "../../api/client/indexer.js";
import { type ObjectKey, objectKey } from "../../api/client/object-key.js";
import { PODS } from "../../api/client/resource-types.js";
import type { Node, Pod } from "../../api/schema/types/core-v1.gen.js";
import type { JsonValue } from "../../api/schema/wire-types.js";
import type { LoopContext, Reconciler, Result } from "../controller.js";
import { disruptionCondition, evictionTimeMs, noExecuteTaints } from "./plan.js";

/** What the reconciler looks at. */
export interface TaintEvictionState {
  readonly pods: Lister<Pod>;
  readonly nodes: Lister<Node>;
  /** Since when this loop has known a node's NoExecute taints as they are, in ms since 1970. */
  seenMs(nodeName: string): number;
}

/** Ends pods whose node has a taint that they do not put up with, or no longer. */
export class TaintEvictionReconciler implements Reconciler {
  private readonly context: LoopContext;
  private readonly state: TaintEvictionState;
  private readonly recorder: EventRecorder;
  /** Uids of pods that have a time to leave, by key. */
  private readonly marked = new Map<ObjectKey, string>();

  constructor(context: LoopContext, state: TaintEvictionState) {
    this.context = context;
    this.state = state;
    this.recorder = context.events.recorder({ component: "taint-eviction-controller" });
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const pod = this.state.pods.get(key);
    if (pod === undefined || pod.metadata.deletionTimestamp !== undefined) {
      this.marked.delete(key);
      return {};
    }
    const { nodeName = "" } = pod.spec;
    const node = this.state.nodes.get(objectKey(undefined, nodeName));
    const taints = noExecuteTaints(node?.spec.taints);
    const dueMs = evictionTimeMs(pod, taints, this.state.seenMs(nodeName));
    if (dueMs === null) {
      if (this.marked.get(key) === pod.metadata.uid) this.tell(pod, "Cancelling deletion of Pod");
      this.marked.delete(key);
      return {};
    }
    const leftMs = dueMs - this.context.clock.nowMs();
    if (leftMs > 0) {
      this.marked.set(key, pod.metadata.uid);
      return { requeueAfterMs: leftMs };
    }
    this.marked.delete(key);
    this.tell(pod, "Marking for deletion Pod");
    await this.evict(pod, signal);
    return {};
  }

  private async evict(pod: Pod, signal: AbortSignal): Promise<void> {
    const { name, namespace = "", uid } = pod.metadata;
    const client = this.context.client.resource(PODS);
    const conditions = [disruptionCondition(this.context.clock.nowMs())];
    const patch = { metadata: { uid }, status: { conditions } } as unknown as JsonValue;
    const how = { namespace, type: "strategic", subresource: "status", signal } as const;
    try {
      await client.patch(name, patch, how);
      await client.delete(name, { namespace, uid, signal });
    } catch (error) {
      // Gone, or another pod of that name: what was wanted.
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  private tell(pod: Pod, what: string): void {
    const { namespace = "", name } = pod.metadata;
    const message = `${what} ${namespace}/${name}`;
    this.recorder.event(pod, "Normal", { reason: "TaintManagerEviction", message });
  }
}
