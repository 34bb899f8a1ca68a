import { isAlreadyExists, isNamespaceTerminating, isNotFound } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import type { EventRecorder } from "../../api/client/event-recorder.js";
import { BY_CONTROLLER_UID, type Lister, orphansOf } from "../../api/client/indexer.js";
import type { ObjectKey } from "../../api/client/object-key.js";
import { DEPLOYMENTS, REPLICA_SETS } from "../../api/client/resource-types.js";
import { selectorOrNothing } from "../../api/machinery/selectors.js";
import type { Deployment, ReplicaSet } from "../../api/schema/types/apps-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { NewObject } from "../../api/schema/wire-types.js";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import { carryOutClaim, controllerOf, controllerRef, planClaim } from "../common/controller-ref.js";
import { isPodTerminal } from "../common/pod-state.js";
import type { Reconciler, Result } from "../controller.js";
import { REVISION } from "./annotations.js";
import { progressDeadlineMs, REASON, withCondition } from "./conditions.js";
import {
  type DeploymentPlan,
  hashLabel,
  type NewReplicaSet,
  planDeployment,
  type ReplicaSetUpdate,
} from "./plan.js";
import { findNewReplicaSet, sameTemplate } from "./template-hash.js";

/** What the reconciler works with. */
export interface DeploymentDeps {
  readonly client: ApiClient;
  readonly deployments: Lister<Deployment>;
  /** Indexed BY_CONTROLLER_UID. */
  readonly replicaSets: Lister<ReplicaSet>;
  /** Indexed BY_CONTROLLER_UID. */
  readonly pods: Lister<Pod>;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

/** Takes a Deployment one step further: makes its ReplicaSet, scales, cleans up, reports. */
export class DeploymentReconciler implements Reconciler {
  private readonly deps: DeploymentDeps;

  constructor(deps: DeploymentDeps) {
    this.deps = deps;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const deployment = this.deps.deployments.get(key);
    if (deployment === undefined) return {};
    const replicaSets = await this.claim(deployment, signal);
    const plan = planDeployment({
      deployment,
      replicaSets,
      oldPodsRunning: () => this.oldPodsRunning(deployment, replicaSets),
      nowMs: this.deps.clock.nowMs(),
    });
    if (plan.create !== null && !(await this.create(deployment, plan.create, signal))) return {};
    for (const update of plan.updates) await this.update(deployment, update, signal);
    for (const replicaSet of plan.remove) await this.remove(replicaSet, signal);
    await this.report(deployment, plan, signal);
    return plan.requeueAfterMs === null ? {} : { requeueAfterMs: plan.requeueAfterMs };
  }

  private claim(deployment: Deployment, signal: AbortSignal): Promise<readonly ReplicaSet[]> {
    const { client, replicaSets } = this.deps;
    const { namespace, uid } = deployment.metadata;
    const candidates = [
      ...replicaSets.byIndex(BY_CONTROLLER_UID, uid),
      ...replicaSets.byIndex(BY_CONTROLLER_UID, orphansOf(namespace)),
    ];
    const selector = selectorOrNothing(deployment.spec.selector);
    const plan = planClaim(deployment, selector, candidates);
    const claim = { owner: deployment, ownerType: DEPLOYMENTS, type: REPLICA_SETS };
    return carryOutClaim(client, claim, { plan, signal });
  }

  private oldPodsRunning(deployment: Deployment, replicaSets: readonly ReplicaSet[]): boolean {
    const newest = findNewReplicaSet(deployment, replicaSets);
    const old = replicaSets.filter((rs) => rs !== newest);
    if (old.some((rs) => (rs.status?.replicas ?? 0) > 0)) return true;
    return old.some((rs) =>
      this.deps.pods.byIndex(BY_CONTROLLER_UID, rs.metadata.uid).some((pod) => !isPodTerminal(pod)),
    );
  }

  /** False: it is there already, and this look was too early for the cache. */
  private async create(
    deployment: Deployment,
    wanted: NewReplicaSet,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { client, recorder } = this.deps;
    try {
      await client.resource(REPLICA_SETS).create(newReplicaSet(deployment, wanted), { signal });
    } catch (error) {
      if (isNamespaceTerminating(error)) return false;
      if (isAlreadyExists(error)) return this.resolveCollision(deployment, wanted, signal);
      await this.reportFailedCreate(deployment, { wanted, error, signal });
      throw error;
    }
    if (wanted.replicas > 0) {
      const message = `Scaled up replica set ${wanted.name} from 0 to ${wanted.replicas}`;
      recorder.event(deployment, "Normal", { reason: "ScalingReplicaSet", message });
    }
    return true;
  }

  /** The name is taken: by this very ReplicaSet, or by another template with the same hash. */
  private async resolveCollision(
    deployment: Deployment,
    wanted: NewReplicaSet,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { client } = this.deps;
    const { namespace = "", uid } = deployment.metadata;
    const found = await client.resource(REPLICA_SETS).get(wanted.name, { namespace, signal });
    const isOurs = controllerOf(found)?.uid === uid;
    if (isOurs && sameTemplate(found.spec.template, deployment.spec.template)) return false;
    const collisionCount = (deployment.status?.collisionCount ?? 0) + 1;
    const status = { ...deployment.status, collisionCount };
    const options = { subresource: "status", signal } as const;
    await client.resource(DEPLOYMENTS).update({ ...deployment, status }, options);
    return false; // The change of the status brings the Deployment back into the queue.
  }

  private async reportFailedCreate(
    deployment: Deployment,
    failed: { wanted: NewReplicaSet; error: unknown; signal: AbortSignal },
  ): Promise<void> {
    const { client, clock, recorder } = this.deps;
    const { wanted, error, signal } = failed;
    if (signal.aborted) return;
    const message = `Failed to create new replica set "${wanted.name}": ${messageOf(error)}`;
    recorder.event(deployment, "Warning", { reason: REASON.failedCreate, message });
    if (progressDeadlineMs(deployment) === null) return;
    const facts = { type: "Progressing", status: "False", reason: REASON.failedCreate } as const;
    const old = deployment.status?.conditions ?? [];
    const conditions = withCondition(old, { ...facts, message }, clock.nowMs());
    if (conditions === old) return;
    const status = { ...deployment.status, conditions };
    const options = { subresource: "status", signal } as const;
    await client.resource(DEPLOYMENTS).update({ ...deployment, status }, options);
  }

  private async update(
    deployment: Deployment,
    { replicaSet, replicas, annotations, minReadySeconds }: ReplicaSetUpdate,
    signal: AbortSignal,
  ): Promise<void> {
    const { client, recorder } = this.deps;
    const { metadata, spec } = replicaSet;
    const before = spec.replicas ?? 1;
    await client.resource(REPLICA_SETS).update(
      {
        ...replicaSet,
        metadata: { ...metadata, annotations },
        spec: { ...spec, replicas, minReadySeconds },
      },
      { signal },
    );
    if (before === replicas) return;
    const direction = before < replicas ? "up" : "down";
    const sizes = `from ${before} to ${replicas}`;
    const message = `Scaled ${direction} replica set ${metadata.name} ${sizes}`;
    recorder.event(deployment, "Normal", { reason: "ScalingReplicaSet", message });
  }

  private async remove({ metadata }: ReplicaSet, signal: AbortSignal): Promise<void> {
    const { namespace = "", name, uid } = metadata;
    try {
      await this.deps.client.resource(REPLICA_SETS).delete(name, { namespace, uid, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  private async report(
    deployment: Deployment,
    plan: DeploymentPlan,
    signal: AbortSignal,
  ): Promise<void> {
    const client = this.deps.client.resource(DEPLOYMENTS);
    const { namespace = "", name, uid } = deployment.metadata;
    let current = deployment;
    if (plan.revision !== null) {
      const patch = { metadata: { uid, annotations: { [REVISION]: plan.revision } } };
      // Through the status, since annotations too are a new generation there.
      const options = { namespace, type: "merge", subresource: "status", signal } as const;
      current = await client.patch(name, patch, options);
    }
    if (plan.status !== null)
      await client.update({ ...current, status: plan.status }, { subresource: "status", signal });
  }
}

/** The ReplicaSet for the Deployment's template. */
function newReplicaSet(deployment: Deployment, wanted: NewReplicaSet): NewObject<ReplicaSet> {
  const { namespace } = deployment.metadata;
  const { selector, template, minReadySeconds = 0 } = deployment.spec;
  const label = hashLabel(wanted.hash);
  const labels = { ...template.metadata?.labels, ...label };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: wanted.name,
      ...(namespace === undefined ? {} : { namespace }),
      labels,
      annotations: wanted.annotations,
      ownerReferences: [controllerRef(deployment)],
    },
    spec: {
      replicas: wanted.replicas,
      minReadySeconds,
      selector: { ...selector, matchLabels: { ...selector.matchLabels, ...label } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}
