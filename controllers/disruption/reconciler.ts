import { isNotFound } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import type { EventRecorder } from "../../api/client/event-recorder.js";
import { BY_LABEL, BY_NAMESPACE, labelValue, type Lister } from "../../api/client/indexer.js";
import { type ObjectKey, objectKey } from "../../api/client/object-key.js";
import {
  DEPLOYMENTS,
  POD_DISRUPTION_BUDGETS,
  REPLICA_SETS,
  REPLICATION_CONTROLLERS,
  STATEFUL_SETS,
} from "../../api/client/resource-types.js";
import { selectorOrNothing } from "../../api/machinery/selectors.js";
import type { Deployment, ReplicaSet, StatefulSet } from "../../api/schema/types/apps-v1.gen.js";
import type { Pod, ReplicationController } from "../../api/schema/types/core-v1.gen.js";
import type { PodDisruptionBudget } from "../../api/schema/types/policy-v1.gen.js";
import type { OwnerReference } from "../../api/schema/types/meta-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { Clock } from "../../base/clock.js";
import { controllerOf, refersTo } from "../common/controller-ref.js";
import { scaleOfOwner } from "../common/scale-of-owner.js";
import type { Reconciler, Result } from "../controller.js";
import {
  asksWorkloads,
  type BudgetView,
  type ControllerScale,
  planDisruption,
  unmanagedMessage,
} from "./plan.js";

/** What the reconciler works with. */
export interface DisruptionDeps {
  readonly client: ApiClient;
  readonly budgets: Lister<PodDisruptionBudget>;
  /** Indexed BY_LABEL and BY_NAMESPACE. */
  readonly pods: Lister<Pod>;
  readonly replicaSets: Lister<ReplicaSet>;
  readonly deployments: Lister<Deployment>;
  readonly statefulSets: Lister<StatefulSet>;
  readonly replicationControllers: Lister<ReplicationController>;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

interface Scaled extends KubernetesObject {
  readonly spec: { readonly replicas?: number };
}

/** Keeps the status of each budget: how many of its pods may be evicted now. */
export class DisruptionReconciler implements Reconciler {
  private readonly deps: DisruptionDeps;

  constructor(deps: DisruptionDeps) {
    this.deps = deps;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const { budgets, client, clock, recorder } = this.deps;
    const budget = budgets.get(key);
    if (budget === undefined || budget.metadata.deletionTimestamp !== undefined) return {};
    const pods = this.podsOf(budget);
    const scales = asksWorkloads(budget) ? await this.scalesOf(pods, signal) : [];
    const view: BudgetView = { budget, pods, scales };
    const plan = planDisruption(view, clock.nowMs());
    const { name } = budget.metadata;
    if (pods.length === 0) {
      const message = "No matching pods found";
      recorder.event(budget, "Normal", { reason: "NoPods", message });
    }
    if (plan.unmanaged.length > 0) {
      const message = unmanagedMessage(budget);
      recorder.event(budget, "Warning", { reason: "UnmanagedPods", message });
    }
    for (const pod of plan.notDeleted) {
      const message = `Pod was expected by PDB ${budget.metadata.namespace}/${name} to be deleted but it wasn't`;
      recorder.event(pod, "Warning", { reason: "NotDeleted", message });
    }
    if (plan.failure !== null) {
      const message = `Failed to calculate the number of expected pods: ${plan.failure}`;
      recorder.event(budget, "Warning", { reason: "CalculateExpectedPodCountFailed", message });
    }
    if (plan.status !== null) {
      // The version guards against an eviction that took a disruption in between.
      const next: PodDisruptionBudget = { ...budget, status: plan.status };
      try {
        const options = { subresource: "status", signal } as const;
        await client.resource(POD_DISRUPTION_BUDGETS).update(next, options);
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
    return plan.recheckAfterMs === null ? {} : { requeueAfterMs: plan.recheckAfterMs };
  }

  /** The cost is that of the rarest of the labels asked for; all of the namespace without any. */
  private podsOf({ metadata, spec }: PodDisruptionBudget): readonly Pod[] {
    const { pods } = this.deps;
    const { namespace = "" } = metadata;
    const selector = selectorOrNothing(spec.selector);
    const pairs = Object.entries(spec.selector?.matchLabels ?? {})
      .map(([label, value]) => labelValue(namespace, label, value))
      .sort((a, b) => pods.countByIndex(BY_LABEL, a) - pods.countByIndex(BY_LABEL, b));
    const candidates =
      pairs[0] === undefined
        ? pods.byIndex(BY_NAMESPACE, namespace)
        : pods.byIndex(BY_LABEL, pairs[0]);
    return candidates.filter((pod) => selector.matches(pod.metadata.labels));
  }

  private async scalesOf(pods: readonly Pod[], signal: AbortSignal): Promise<BudgetView["scales"]> {
    const scales = new Map<string, ControllerScale>();
    const asked = new Set<string>();
    for (const pod of pods) {
      const owner = controllerOf(pod);
      // A pod that nobody controls has nobody to be asked.
      if (owner === undefined || asked.has(owner.uid)) continue;
      asked.add(owner.uid);
      const namespace = pod.metadata.namespace ?? "";
      const found =
        this.cachedScaleOf(owner, namespace) ?? (await this.ask(owner, namespace, signal));
      if ("failure" in found) return found;
      // A Deployment counts once, however many ReplicaSets it has.
      scales.set(found.uid, found);
    }
    return [...scales.values()];
  }

  /** Null: it is of another kind than the usual ones. One that is gone wants no pods. */
  private cachedScaleOf(owner: OwnerReference, namespace: string): ControllerScale | null {
    const { replicaSets, deployments, statefulSets, replicationControllers } = this.deps;
    const key = objectKey(namespace, owner.name);
    if (refersTo(owner, REPLICA_SETS)) {
      const replicaSet = sameUid(replicaSets.get(key), owner);
      const above = replicaSet === undefined ? undefined : controllerOf(replicaSet);
      if (above === undefined || !refersTo(above, DEPLOYMENTS)) return wanted(replicaSet, owner);
      return wanted(sameUid(deployments.get(objectKey(namespace, above.name)), above), above);
    }
    if (refersTo(owner, STATEFUL_SETS)) return wanted(sameUid(statefulSets.get(key), owner), owner);
    if (refersTo(owner, REPLICATION_CONTROLLERS))
      return wanted(sameUid(replicationControllers.get(key), owner), owner);
    return null;
  }

  /** Of a kind that is not cached, such as a custom one: by its subresource `scale`. */
  private async ask(
    owner: OwnerReference,
    namespace: string,
    signal: AbortSignal,
  ): Promise<ControllerScale | { readonly failure: string }> {
    const scale = await scaleOfOwner(this.deps.client, { owner, namespace }, signal);
    if (scale.kind === "none") return { failure: scale.error };
    return { uid: owner.uid, replicas: scale.kind === "scale" ? scale.replicas : 0 };
  }
}

function sameUid<T extends KubernetesObject>(
  object: T | undefined,
  { uid }: OwnerReference,
): T | undefined {
  return object?.metadata.uid === uid ? object : undefined;
}

function wanted(object: Scaled | undefined, { uid }: OwnerReference): ControllerScale {
  return { uid, replicas: object?.spec.replicas ?? 0 };
}
