import { isAlreadyExists, isConflict, isNotFound } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import type { EventRecorder } from "../../api/client/event-recorder.js";
import { BY_CONTROLLER_UID, type Lister, orphansOf } from "../../api/client/indexer.js";
import { keyOf, objectKey, type ObjectKey } from "../../api/client/object-key.js";
import { PERSISTENT_VOLUME_CLAIMS, PODS, STATEFUL_SETS } from "../../api/client/resource-types.js";
import { selectorOrNothing } from "../../api/machinery/selectors.js";
import type { ControllerRevision, StatefulSet } from "../../api/schema/types/apps-v1.gen.js";
import type { PersistentVolumeClaim, Pod } from "../../api/schema/types/core-v1.gen.js";
import type { JsonValue, KubernetesObject } from "../../api/schema/wire-types.js";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import { carryOutClaim, planClaim } from "../common/controller-ref.js";
import { removeRevisions, type RevisionHistory, syncHistory } from "../common/revision-history.js";
import { planHistory, POD_REVISION } from "../common/revisions.js";
import { inParallel } from "../common/slow-start.js";
import { RECHECK_MS, type WriteTracker } from "../common/write-tracker.js";
import type { Reconciler, Result } from "../controller.js";
import { ordinalOf } from "./identity.js";
import { planStatefulSet, type StatefulSetPlan, type StatefulSetStep } from "./plan.js";

/** What the reconciler works with. */
export interface StatefulSetDeps {
  readonly client: ApiClient;
  readonly sets: Lister<StatefulSet>;
  /** Indexed BY_CONTROLLER_UID. */
  readonly pods: Lister<Pod>;
  readonly claims: Lister<PersistentVolumeClaim>;
  /** Indexed BY_CONTROLLER_UID. */
  readonly revisions: Lister<ControllerRevision>;
  readonly tracker: WriteTracker;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

const WIDTH = 16;
/** What kind of object a tracked key is of. */
const SET = "set ";
const CLAIM = "claim ";
const REVISION = "revision ";

/** Takes a StatefulSet one step further: one pod at a time, unless its policy is Parallel. */
export class StatefulSetReconciler implements Reconciler {
  private readonly deps: StatefulSetDeps;

  constructor(deps: StatefulSetDeps) {
    this.deps = deps;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const { claims, client, clock, sets, tracker } = this.deps;
    const set = sets.get(key);
    if (set === undefined) {
      tracker.forget(key);
      return {};
    }
    // What was written and is not seen yet would be written again.
    if (tracker.isStale(key, (written) => this.cached(written)))
      return { requeueAfterMs: RECHECK_MS };
    const pods = await this.claimPods(key, set, signal);
    const selector = selectorOrNothing(set.spec.selector);
    const { collisionCount: counted = 0, currentRevision } = set.status ?? {};
    const owner = { owner: set, ownerType: STATEFUL_SETS, selector, collisionCount: counted };
    const history = await syncHistory(this.deps, owner, signal);
    for (const revision of history.written)
      tracker.wrote(key, `${REVISION}${keyOf(revision)}`, revision);
    const { update, collisionCount, all } = history;
    const current = all.find(({ metadata }) => metadata.name === currentRevision) ?? update;
    const plan = planStatefulSet({
      set,
      pods,
      claim: (name) => claims.get(objectKey(set.metadata.namespace, name)),
      current,
      update,
      collisionCount,
      nowMs: clock.nowMs(),
    });
    await this.carryOut(key, { set, plan, signal });
    const live = new Set([update.metadata.name, current.metadata.name]);
    if (plan.status?.currentRevision !== undefined) live.add(plan.status.currentRevision);
    await removeRevisions(client, planOldRevisions(set, pods, { history, live }), signal);
    return plan.requeueAfterMs === null ? {} : { requeueAfterMs: plan.requeueAfterMs };
  }

  private cached(written: string): KubernetesObject | undefined {
    const { claims, pods, revisions, sets } = this.deps;
    const space = written.indexOf(" ");
    const key = written.slice(space + 1) as ObjectKey;
    const prefix = written.slice(0, space + 1);
    if (prefix === SET) return sets.get(key);
    if (prefix === CLAIM) return claims.get(key);
    return prefix === REVISION ? revisions.get(key) : pods.get(key);
  }

  private async claimPods(
    key: ObjectKey,
    set: StatefulSet,
    signal: AbortSignal,
  ): Promise<readonly Pod[]> {
    const { client, pods, tracker } = this.deps;
    const { namespace, uid } = set.metadata;
    const orphans = pods.byIndex(BY_CONTROLLER_UID, orphansOf(namespace));
    // A pod whose name the set would never give is none of its pods.
    const named = orphans.filter(({ metadata }) => ordinalOf(set, metadata.name) !== null);
    const candidates = [...pods.byIndex(BY_CONTROLLER_UID, uid), ...named];
    const plan = planClaim(set, selectorOrNothing(set.spec.selector), candidates);
    const claim = { owner: set, ownerType: STATEFUL_SETS, type: PODS };
    const claimed = await carryOutClaim(client, claim, { plan, signal });
    for (const pod of claimed.slice(plan.owned.length))
      tracker.changed(key, `pod ${keyOf(pod)}`, pod);
    return claimed;
  }

  private async carryOut(
    key: ObjectKey,
    { set, plan, signal }: { set: StatefulSet; plan: StatefulSetPlan; signal: AbortSignal },
  ): Promise<void> {
    const { client, tracker } = this.deps;
    const failures: unknown[] = [];
    await inParallel(plan.steps, WIDTH, async (step) => {
      await this.take(key, { set, step, signal }).catch((error: unknown) => failures.push(error));
    });
    if (plan.status !== null) {
      const options = { subresource: "status", signal } as const;
      const next = { ...set, status: plan.status };
      const updated = await client.resource(STATEFUL_SETS).update(next, options);
      tracker.changed(key, `${SET}${key}`, updated);
    }
    if (failures.length > 0) throw failures[0];
  }

  private take(
    key: ObjectKey,
    { set, step, signal }: { set: StatefulSet; step: StatefulSetStep; signal: AbortSignal },
  ): Promise<void> {
    switch (step.kind) {
      case "create":
        return this.create(key, { set, step, signal });
      case "claims":
        return this.createClaims(key, { set, step, signal });
      case "wait":
        this.say(set, `Pod ${step.podName}`, new Error(`pvc ${step.claimName} is being deleted`));
        return Promise.resolve();
      case "delete":
        return this.remove(key, { set, step, signal });
      case "label": {
        const { uid } = step.pod.metadata;
        const patch = { metadata: { uid, labels: step.labels } };
        return this.patchPod(key, { pod: step.pod, patch, signal });
      }
      case "own":
        return this.ownClaim(key, { step, signal });
    }
  }

  private async create(
    key: ObjectKey,
    work: {
      set: StatefulSet;
      step: Extract<StatefulSetStep, { kind: "create" }>;
      signal: AbortSignal;
    },
  ): Promise<void> {
    const { set, step, signal } = work;
    const { client, recorder, tracker } = this.deps;
    const [podName, setName] = [step.pod.metadata.name ?? "", set.metadata.name];
    await this.createClaims(key, { set, step: { ...step, podName }, signal });
    try {
      const pod = await client.resource(PODS).create(step.pod, { signal });
      tracker.wrote(key, `pod ${keyOf(pod)}`, pod);
      const message = `create Pod ${podName} in StatefulSet ${setName} successful`;
      recorder.event(set, "Normal", { reason: "SuccessfulCreate", message });
    } catch (error) {
      if (!signal.aborted) this.say(set, `Pod ${podName}`, error);
      throw error;
    }
  }

  private async createClaims(
    key: ObjectKey,
    {
      set,
      step: { podName, claims },
      signal,
    }: {
      set: StatefulSet;
      step: Pick<Extract<StatefulSetStep, { kind: "claims" }>, "podName" | "claims">;
      signal: AbortSignal;
    },
  ): Promise<void> {
    const { client, tracker } = this.deps;
    for (const claim of claims) {
      const what = `Claim ${claim.metadata.name ?? ""} Pod ${podName}`;
      try {
        const made = await client.resource(PERSISTENT_VOLUME_CLAIMS).create(claim, { signal });
        tracker.wrote(key, `${CLAIM}${keyOf(made)}`, made);
        this.say(set, what, null);
      } catch (error) {
        if (isAlreadyExists(error)) continue;
        if (!signal.aborted) this.say(set, what, error);
        throw error;
      }
    }
  }

  /** Tells that something was made, or why not. */
  private say(set: StatefulSet, what: string, error: unknown): void {
    const text = `create ${what} in StatefulSet ${set.metadata.name}`;
    const note =
      error === null
        ? { reason: "SuccessfulCreate", message: `${text} success` }
        : { reason: "FailedCreate", message: `${text} failed error: ${messageOf(error)}` };
    this.deps.recorder.event(set, error === null ? "Normal" : "Warning", note);
  }

  private async remove(
    key: ObjectKey,
    work: {
      set: StatefulSet;
      step: Extract<StatefulSetStep, { kind: "delete" }>;
      signal: AbortSignal;
    },
  ): Promise<void> {
    const { set, step, signal } = work;
    const { client, recorder, tracker } = this.deps;
    const { name, namespace = "", uid } = step.pod.metadata;
    if (step.why === "recreate") {
      const failed = step.pod.status?.phase === "Failed";
      const which = `${namespace}/${set.metadata.name}`;
      const message = `StatefulSet ${which} is recreating ${failed ? "failed" : "terminated"} Pod ${name}`;
      const reason = failed ? "RecreatingFailedPod" : "RecreatingTerminatedPod";
      recorder.event(set, failed ? "Warning" : "Normal", { reason, message });
    }
    const what = `delete Pod ${name} in StatefulSet ${set.metadata.name}`;
    try {
      await client.resource(PODS).delete(name, { namespace, uid, signal });
      tracker.going(key, `pod ${keyOf(step.pod)}`, step.pod);
      const message = `${what} successful`;
      recorder.event(set, "Normal", { reason: "SuccessfulDelete", message });
    } catch (error) {
      // Gone, or another pod of that name.
      if (isNotFound(error) || isConflict(error)) return;
      const message = `${what} failed error: ${messageOf(error)}`;
      if (!signal.aborted) recorder.event(set, "Warning", { reason: "FailedDelete", message });
      throw error;
    }
  }

  private async patchPod(
    key: ObjectKey,
    { pod, patch, signal }: { pod: Pod; patch: JsonValue; signal: AbortSignal },
  ): Promise<void> {
    const { client, tracker } = this.deps;
    const { name, namespace = "" } = pod.metadata;
    const options = { namespace, type: "merge", signal } as const;
    const patched = await client.resource(PODS).patch(name, patch, options);
    tracker.changed(key, `pod ${keyOf(patched)}`, patched);
  }

  private async ownClaim(
    key: ObjectKey,
    work: { step: Extract<StatefulSetStep, { kind: "own" }>; signal: AbortSignal },
  ): Promise<void> {
    const { claim, owners } = work.step;
    const { client, tracker } = this.deps;
    const metadata = { ...claim.metadata, ownerReferences: owners };
    const updated = await client
      .resource(PERSISTENT_VOLUME_CLAIMS)
      .update({ ...claim, metadata }, { signal: work.signal });
    tracker.changed(key, `${CLAIM}${keyOf(updated)}`, updated);
  }
}

function planOldRevisions(
  set: StatefulSet,
  pods: readonly Pod[],
  { history, live }: { history: RevisionHistory; live: ReadonlySet<string> },
): readonly ControllerRevision[] {
  const inUse = new Set(live);
  for (const { metadata } of pods) inUse.add(metadata.labels?.[POD_REVISION] ?? "");
  return planHistory(history.all, inUse, set.spec.revisionHistoryLimit ?? 10);
}
