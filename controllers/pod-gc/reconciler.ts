import { isConflict, isNotFound } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import { BY_NODE, type Lister } from "../../api/client/indexer.js";
import { objectKey, type ObjectKey } from "../../api/client/object-key.js";
import { NODES, PODS } from "../../api/client/resource-types.js";
import type { Node, Pod } from "../../api/schema/types/core-v1.gen.js";
import type { JsonValue } from "../../api/schema/wire-types.js";
import type { Clock } from "../../base/clock.js";
import { inParallel } from "../common/slow-start.js";
import type { Reconciler, Result } from "../controller.js";
import { isUnscheduledAndGoing, planLostPod, planTerminated } from "./plan.js";

/** What there is to look at: all terminated pods, one pod, or the pods of one node. */
export type PodGcKey = "terminated" | `pod:${ObjectKey}` | `node:${string}`;

/** Name of the index of pods that have ended, all filed under TERMINATED. */
export const BY_TERMINATED = "terminated";
/** The one value of that index. */
export const TERMINATED = "terminated";

/** What the reconciler works with. */
export interface PodGcDeps {
  readonly client: ApiClient;
  /** Indexed BY_NODE and BY_TERMINATED. */
  readonly pods: Lister<Pod>;
  readonly nodes: Lister<Node>;
  readonly clock: Clock;
  readonly terminatedMax: number;
}

const DELETE_WIDTH = 32;

/** Removes pods that nobody else will. */
export class PodGcReconciler implements Reconciler<PodGcKey> {
  private readonly deps: PodGcDeps;

  constructor(deps: PodGcDeps) {
    this.deps = deps;
  }

  async reconcile(key: PodGcKey, signal: AbortSignal): Promise<Result> {
    const { pods, terminatedMax } = this.deps;
    if (key === "terminated") {
      const terminated = pods.byIndex(BY_TERMINATED, TERMINATED);
      await this.removeAll(planTerminated(terminated, terminatedMax), signal);
    } else if (key.startsWith("pod:")) {
      const pod = pods.get(key.slice("pod:".length) as ObjectKey);
      if (pod !== undefined && isUnscheduledAndGoing(pod)) await this.removeAll([pod], signal);
    } else await this.removeLost(key.slice("node:".length), signal);
    return {};
  }

  private async removeLost(nodeName: string, signal: AbortSignal): Promise<void> {
    const { client, clock, nodes, pods } = this.deps;
    const lost = pods.byIndex(BY_NODE, nodeName);
    if (lost.length === 0 || nodes.get(objectKey(undefined, nodeName)) !== undefined) return;
    try {
      await client.metadata(NODES).get(nodeName, { signal });
      return; // It is there; the cache will show it.
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    await inParallel(lost, DELETE_WIDTH, async (pod) => {
      const { name, namespace = "", uid } = pod.metadata;
      const status = planLostPod(pod, clock.nowMs());
      if (status !== null) {
        const patch = { metadata: { uid }, status } as unknown as JsonValue;
        const options = { namespace, type: "strategic", subresource: "status", signal } as const;
        await client.resource(PODS).patch(name, patch, options).catch(ignoreGone);
      }
      await this.remove(pod, signal);
    });
  }

  private removeAll(pods: readonly Pod[], signal: AbortSignal): Promise<void> {
    return inParallel(pods, DELETE_WIDTH, (pod) => this.remove(pod, signal));
  }

  private async remove({ metadata }: Pod, signal: AbortSignal): Promise<void> {
    const { name, namespace = "", uid } = metadata;
    const options = { namespace, uid, gracePeriodSeconds: 0, signal };
    await this.deps.client.resource(PODS).delete(name, options).catch(ignoreGone);
  }
}

/** Gone, or another pod of that name: what was wanted. */
function ignoreGone(error: unknown): void {
  if (!isNotFound(error) && !isConflict(error)) throw error;
}
