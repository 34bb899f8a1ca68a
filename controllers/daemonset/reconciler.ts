import { isConflict, isNamespaceTerminating, isNotFound } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import type { EventRecorder } from "../../api/client/event-recorder.js";
import { BY_CONTROLLER_UID, type Lister, orphansOf } from "../../api/client/indexer.js";
import { keyOf, type ObjectKey } from "../../api/client/object-key.js";
import { DAEMON_SETS, PODS } from "../../api/client/resource-types.js";
import { selectorOrNothing } from "../../api/machinery/selectors.js";
import type { ControllerRevision, DaemonSet } from "../../api/schema/types/apps-v1.gen.js";
import type { Node, Pod } from "../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import { carryOutClaim, planClaim } from "../common/controller-ref.js";
import { removeRevisions, syncHistory } from "../common/revision-history.js";
import { planHistory, POD_REVISION, REVISION_HASH } from "../common/revisions.js";
import { inParallel, slowStart } from "../common/slow-start.js";
import { RECHECK_MS, type WriteTracker } from "../common/write-tracker.js";
import type { Reconciler, Result } from "../controller.js";
import { FailureBackoff } from "./failure-backoff.js";
import { newDaemonPod, nodeOf } from "./placement.js";
import { planDaemonSet } from "./plan.js";

/** What the reconciler works with. */
export interface DaemonSetDeps {
  readonly client: ApiClient;
  readonly sets: Lister<DaemonSet>;
  /** Indexed BY_CONTROLLER_UID. */
  readonly pods: Lister<Pod>;
  readonly nodes: Lister<Node>;
  /** Indexed BY_CONTROLLER_UID. */
  readonly revisions: Lister<ControllerRevision>;
  readonly tracker: WriteTracker;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

/** What one look works on. */
interface Look {
  readonly key: ObjectKey;
  readonly set: DaemonSet;
  readonly signal: AbortSignal;
}

const WIDTH = 32;
/** What kind of object a tracked key is of. */
const SET = "set ";
const REVISION = "revision ";

/** Keeps one pod of a DaemonSet on every node that it fits. */
export class DaemonSetReconciler implements Reconciler {
  private readonly deps: DaemonSetDeps;
  private readonly backoff = new FailureBackoff();

  constructor(deps: DaemonSetDeps) {
    this.deps = deps;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const { client, clock, nodes, sets, tracker } = this.deps;
    const set = sets.get(key);
    if (set === undefined) {
      tracker.forget(key);
      this.backoff.forget(`${key} `);
      return {};
    }
    // What was written and is not seen yet would be written again.
    if (tracker.isStale(key, (written) => this.cached(written)))
      return { requeueAfterMs: RECHECK_MS };
    const look = { key, set, signal };
    const pods = await this.claimPods(look);
    const selector = selectorOrNothing(set.spec.selector);
    const { collisionCount: counted = 0 } = set.status ?? {};
    const owner = { owner: set, ownerType: DAEMON_SETS, selector, collisionCount: counted };
    const history = await syncHistory(this.deps, owner, signal);
    for (const revision of history.written)
      tracker.wrote(key, `${REVISION}${keyOf(revision)}`, revision);
    const { update, collisionCount, all } = history;
    const hash = update.metadata.labels?.[REVISION_HASH] ?? "";
    const nowMs = clock.nowMs();
    const world = { set, pods, nodes: nodes.values(), hash, collisionCount, nowMs };
    const plan = planDaemonSet(world);
    const pauseMs = await this.removeEnded(look, plan.ended);
    const failure = await this.change(look, { ...plan, hash });
    if (plan.status !== null) await this.writeStatus(look, plan.status);
    await removeRevisions(client, planOldRevisions(set, pods, { all, hash }), signal);
    if (failure !== null) throw failure;
    const waits = [pauseMs, plan.requeueAfterMs].filter((ms) => ms !== null);
    return waits.length === 0 ? {} : { requeueAfterMs: Math.min(...waits) };
  }

  private cached(written: string): KubernetesObject | undefined {
    const { pods, revisions, sets } = this.deps;
    const space = written.indexOf(" ");
    const key = written.slice(space + 1) as ObjectKey;
    const prefix = written.slice(0, space + 1);
    if (prefix === SET) return sets.get(key);
    return prefix === REVISION ? revisions.get(key) : pods.get(key);
  }

  private async claimPods({ key, set, signal }: Look): Promise<readonly Pod[]> {
    const { client, pods, tracker } = this.deps;
    const { namespace, uid } = set.metadata;
    const candidates = [
      ...pods.byIndex(BY_CONTROLLER_UID, uid),
      ...pods.byIndex(BY_CONTROLLER_UID, orphansOf(namespace)),
    ];
    const plan = planClaim(set, selectorOrNothing(set.spec.selector), candidates);
    const claim = { owner: set, ownerType: DAEMON_SETS, type: PODS };
    const claimed = await carryOutClaim(client, claim, { plan, signal });
    for (const pod of claimed.slice(plan.owned.length))
      tracker.changed(key, `pod ${keyOf(pod)}`, pod);
    return claimed;
  }

  /** The first failure; null: there was none. */
  private async change(
    look: Look,
    plan: { create: readonly string[]; remove: readonly Pod[]; hash: string },
  ): Promise<unknown> {
    const { succeeded: _count, error } = await slowStart(plan.create.length, (i) =>
      this.create(look, plan.create[i] ?? "", plan.hash),
    );
    const failures: unknown[] = error === null || isNamespaceTerminating(error) ? [] : [error];
    await inParallel(plan.remove, WIDTH, (pod) =>
      this.remove(look, pod).catch((failed: unknown) => {
        failures.push(failed);
      }),
    );
    return failures[0] ?? null;
  }

  private async create({ key, set, signal }: Look, node: string, hash: string): Promise<void> {
    const { client, recorder, tracker } = this.deps;
    try {
      const pod = await client.resource(PODS).create(newDaemonPod(set, node, hash), { signal });
      tracker.wrote(key, `pod ${keyOf(pod)}`, pod);
      const message = `Created pod: ${pod.metadata.name}`;
      recorder.event(set, "Normal", { reason: "SuccessfulCreate", message });
    } catch (error) {
      if (!signal.aborted && !isNamespaceTerminating(error)) {
        const message = `Error creating: ${messageOf(error)}`;
        recorder.event(set, "Warning", { reason: "FailedCreate", message });
      }
      throw error;
    }
  }

  private async remove({ key, set, signal }: Look, pod: Pod): Promise<void> {
    const { client, recorder, tracker } = this.deps;
    const { name, namespace = "", uid } = pod.metadata;
    try {
      await client.resource(PODS).delete(name, { namespace, uid, signal });
      tracker.going(key, `pod ${keyOf(pod)}`, pod);
      const message = `Deleted pod: ${name}`;
      recorder.event(set, "Normal", { reason: "SuccessfulDelete", message });
    } catch (error) {
      // Gone, or another pod of that name.
      if (isNotFound(error) || isConflict(error)) return;
      const message = `Error deleting: ${messageOf(error)}`;
      if (!signal.aborted) recorder.event(set, "Warning", { reason: "FailedDelete", message });
      throw error;
    }
  }

  /** When the first of those that have to wait may go; null: none waits. */
  private async removeEnded(look: Look, ended: readonly Pod[]): Promise<number | null> {
    const { clock, recorder } = this.deps;
    let pauseMs: number | null = null;
    for (const pod of ended) {
      const { name, namespace = "" } = pod.metadata;
      const node = nodeOf(pod) ?? "";
      const waitMs = this.backoff.remainingMs(`${look.key} ${node}`, clock.monotonicMs());
      if (waitMs > 0) {
        pauseMs = Math.min(waitMs, pauseMs ?? waitMs);
        continue;
      }
      const failed = pod.status?.phase === "Failed";
      const found = `Found ${failed ? "failed" : "succeeded"} daemon pod ${namespace}/${name} on node ${node}`;
      const message = `${found}, will try to ${failed ? "kill" : "delete"} it`;
      const reason = failed ? "FailedDaemonPod" : "SucceededDaemonPod";
      recorder.event(look.set, failed ? "Warning" : "Normal", { reason, message });
      await this.remove(look, pod);
    }
    return pauseMs;
  }

  private async writeStatus(
    { key, set, signal }: Look,
    status: NonNullable<DaemonSet["status"]>,
  ): Promise<void> {
    const { client, tracker } = this.deps;
    const options = { subresource: "status", signal } as const;
    const updated = await client.resource(DAEMON_SETS).update({ ...set, status }, options);
    tracker.changed(key, `${SET}${key}`, updated);
  }
}

function planOldRevisions(
  set: DaemonSet,
  pods: readonly Pod[],
  { all, hash }: { all: readonly ControllerRevision[]; hash: string },
): readonly ControllerRevision[] {
  const inUse = new Set([hash]);
  for (const { metadata } of pods) inUse.add(metadata.labels?.[POD_REVISION] ?? "");
  const live = all.filter(({ metadata }) => inUse.has(metadata.labels?.[REVISION_HASH] ?? ""));
  const names = new Set(live.map(({ metadata }) => metadata.name));
  return planHistory(all, names, set.spec.revisionHistoryLimit ?? 10);
}
