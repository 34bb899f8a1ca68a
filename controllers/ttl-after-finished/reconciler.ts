import { isConflict, isNotFound } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import type { Lister } from "../../api/client/indexer.js";
import type { ObjectKey } from "../../api/client/object-key.js";
import { JOBS } from "../../api/client/resource-types.js";
import type { Job } from "../../api/schema/types/batch-v1.gen.js";
import type { Clock } from "../../base/clock.js";
import type { Reconciler, Result } from "../controller.js";
import { expiresInMs } from "./plan.js";

/** What the reconciler works with. */
export interface TtlAfterFinishedDeps {
  readonly client: ApiClient;
  readonly jobs: Lister<Job>;
  readonly clock: Clock;
}

/** Deletes finished Jobs, and their pods with them, when their time is over. */
export class TtlAfterFinishedReconciler implements Reconciler {
  private readonly deps: TtlAfterFinishedDeps;

  constructor(deps: TtlAfterFinishedDeps) {
    this.deps = deps;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const { client, clock, jobs } = this.deps;
    const job = jobs.get(key);
    const inMs = job === undefined ? null : expiresInMs(job, clock.nowMs());
    if (job === undefined || inMs === null) return {};
    if (inMs > 0) return { requeueAfterMs: inMs };
    // The version makes sure that nobody has prolonged its life in the meantime.
    const { name, namespace = "", uid, resourceVersion } = job.metadata;
    const which = { namespace, uid, resourceVersion, signal };
    try {
      await client.resource(JOBS).delete(name, { ...which, propagationPolicy: "Foreground" });
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
    return {};
  }
}
