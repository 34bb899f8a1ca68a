import { isApiError, isNamespaceTerminating, isNotFound } from "../../api/client/api-error.js";
import type { ApiClient, ResourceType } from "../../api/client/client-types.js";
import type { EventRecorder } from "../../api/client/event-recorder.js";
import { BY_CONTROLLER_UID, type Lister, orphansOf } from "../../api/client/indexer.js";
import type { ObjectKey } from "../../api/client/object-key.js";
import { PODS } from "../../api/client/resource-types.js";
import { selectorOrNothing } from "../../api/machinery/selectors.js";
import type { ReplicaSet, ReplicaSetStatus } from "../../api/schema/types/apps-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject, NewObject } from "../../api/schema/wire-types.js";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import { carryOutClaim, controllerRef, planClaim } from "../common/controller-ref.js";
import type { Expectations } from "../common/expectations.js";
import { isPodActive } from "../common/pod-state.js";
import { inParallel, slowStart } from "../common/slow-start.js";
import type { Reconciler, Result } from "../controller.js";
import { BURST_REPLICAS, planReplicaSet } from "./plan.js";
import { planStatus, type ReplicaFailure } from "./status.js";

/** The objects whose pods are kept: ReplicaSets, or what can be read as one. */
export interface ReplicaFamily {
  readonly type: ResourceType<KubernetesObject>;
  readonly get: (key: ObjectKey) => ReplicaSet | undefined;
  /** Itself and all that the same owner controls. */
  readonly siblings: (replicaSet: ReplicaSet) => readonly ReplicaSet[];
  /** Its status says how many pods are being deleted. */
  readonly countsTerminating: boolean;
  readonly writeStatus: (
    replicaSet: ReplicaSet,
    status: ReplicaSetStatus,
    signal: AbortSignal,
  ) => Promise<unknown>;
}

/** What the reconciler works with. */
export interface ReplicaSetDeps {
  readonly client: ApiClient;
  readonly family: ReplicaFamily;
  /** Indexed BY_CONTROLLER_UID. */
  readonly pods: Lister<Pod>;
  readonly expectations: Expectations;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

const DELETE_WIDTH = 32;

/** Keeps as many pods as the spec says. */
export class ReplicaSetReconciler implements Reconciler {
  private readonly deps: ReplicaSetDeps;

  constructor(deps: ReplicaSetDeps) {
    this.deps = deps;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const { clock, expectations, family } = this.deps;
    const replicaSet = family.get(key);
    if (replicaSet === undefined) {
      expectations.forget(key);
      return {};
    }
    // Asked before the pods are read: an event in between can only make the pods newer than the
    // answer.
    const mayManage = expectations.satisfied(key);
    const pods = await this.claim(replicaSet, signal);
    const managed = mayManage && replicaSet.metadata.deletionTimestamp === undefined;
    const outcome = managed ? await this.manage(key, { replicaSet, pods, signal }) : null;
    const { status, nextAvailableInMs } = planStatus(
      replicaSet,
      family.countsTerminating ? pods : pods.filter(isPodActive),
      {
        failure: outcome?.failure ?? null,
        managed,
        nowMs: clock.nowMs(),
      },
    );
    if (status !== null) await family.writeStatus(replicaSet, status, signal);
    if (outcome?.error !== undefined) throw outcome.error;
    return nextAvailableInMs === null ? {} : { requeueAfterMs: nextAvailableInMs };
  }

  private claim(replicaSet: ReplicaSet, signal: AbortSignal): Promise<readonly Pod[]> {
    const { client, family, pods } = this.deps;
    const { namespace, uid } = replicaSet.metadata;
    const candidates = [
      ...pods.byIndex(BY_CONTROLLER_UID, uid),
      ...pods.byIndex(BY_CONTROLLER_UID, orphansOf(namespace)),
    ];
    const selector = selectorOrNothing(replicaSet.spec.selector);
    const plan = planClaim(replicaSet, selector, candidates);
    const claim = { owner: replicaSet, ownerType: family.type, type: PODS };
    return carryOutClaim(client, claim, { plan, signal });
  }

  private async manage(
    key: ObjectKey,
    world: { replicaSet: ReplicaSet; pods: readonly Pod[]; signal: AbortSignal },
  ): Promise<{ failure: ReplicaFailure | null; error?: unknown }> {
    const { replicaSet, pods } = world;
    const related = this.related(replicaSet);
    const nowMs = this.deps.clock.nowMs();
    const plan = planReplicaSet({ replicaSet, pods, related, nowMs }, BURST_REPLICAS);
    try {
      if (plan.create > 0) await this.create(key, plan.create, world);
      if (plan.remove.length > 0) await this.remove(key, plan.remove, world);
      return { failure: null };
    } catch (error) {
      const reason = plan.create > 0 ? "FailedCreate" : "FailedDelete";
      return { failure: { reason, message: messageOf(error) }, error };
    }
  }

  /** Active pods of all ReplicaSets that the same owner controls. */
  private related(replicaSet: ReplicaSet): readonly Pod[] {
    const { family, pods } = this.deps;
    const siblings = family.siblings(replicaSet);
    return siblings.flatMap((sibling) => pods.byIndex(BY_CONTROLLER_UID, sibling.metadata.uid));
  }

  private async create(
    key: ObjectKey,
    count: number,
    { replicaSet, signal }: { replicaSet: ReplicaSet; signal: AbortSignal },
  ): Promise<void> {
    const { client, expectations, recorder } = this.deps;
    expectations.expect(key, count);
    const pod = newPod(replicaSet);
    const { succeeded, error } = await slowStart(count, async () => {
      try {
        const created = await client.resource(PODS).create(pod, { signal });
        const message = `Created pod: ${created.metadata.name}`;
        recorder.event(replicaSet, "Normal", { reason: "SuccessfulCreate", message });
      } catch (failed) {
        if (!signal.aborted && !isNamespaceTerminating(failed)) {
          const message = `Error creating: ${messageOf(failed)}`;
          recorder.event(replicaSet, "Warning", { reason: "FailedCreate", message });
        }
        throw failed;
      }
    });
    if (succeeded < count) expectations.creationSeen(key, count - succeeded);
    if (error !== null && !isNamespaceTerminating(error)) throw error;
  }

  private async remove(
    key: ObjectKey,
    victims: readonly Pod[],
    { replicaSet, signal }: { replicaSet: ReplicaSet; signal: AbortSignal },
  ): Promise<void> {
    const { client, expectations, recorder } = this.deps;
    const uids = victims.map((pod) => pod.metadata.uid);
    expectations.expect(key, 0, uids);
    await inParallel(victims, DELETE_WIDTH, async ({ metadata: { name, namespace, uid } }) => {
      try {
        const where = namespace === undefined ? {} : { namespace };
        await client.resource(PODS).delete(name, { ...where, uid, signal });
        const message = `Deleted pod: ${name}`;
        recorder.event(replicaSet, "Normal", { reason: "SuccessfulDelete", message });
      } catch (error) {
        expectations.deletionSeen(key, uid);
        // Gone, or another pod of that name: what was wanted.
        if (isNotFound(error) || isApiError(error, "Conflict")) return;
        const message = `Error deleting: ${messageOf(error)}`;
        if (!signal.aborted)
          recorder.event(replicaSet, "Warning", { reason: "FailedDelete", message });
        throw error;
      }
    });
  }
}

/** The pod that a ReplicaSet makes: its template under a name of the server's choice. */
function newPod(replicaSet: ReplicaSet): NewObject<Pod> {
  const { metadata, spec } = replicaSet.spec.template ?? {};
  const { namespace, name } = replicaSet.metadata;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      ...(metadata?.labels === undefined ? {} : { labels: metadata.labels }),
      ...(metadata?.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ...(metadata?.finalizers === undefined ? {} : { finalizers: metadata.finalizers }),
      ownerReferences: [controllerRef(replicaSet)],
    },
    spec: spec ?? { containers: [] },
  };
}
