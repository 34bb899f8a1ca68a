import { isConflict, isNotFound } from "../../api/client/api-error.js";
import { objectKey, type ObjectKey } from "../../api/client/object-key.js";
import { CLUSTER_ROLES } from "../../api/client/resource-types.js";
import type { ClusterRole } from "../../api/schema/types/rbac-v1.gen.js";
import { type LoopFactory, newQueue, queueLoop, type Result } from "../controller.js";
import { planAggregation } from "./plan.js";

const NAME = "ClusterRoleAggregator";
/** A role that changed under the write is looked at again when its change has come. */
const RETRY_MS = 100;

/** The loop that fills the rules of aggregating ClusterRoles from the roles they select. */
export const roleAggregationLoop: LoopFactory = (context) => {
  const roles = context.informers.informer(CLUSTER_ROLES);
  const queue = newQueue(context, NAME);
  // Any role may be a part of any aggregate, or have been before its labels changed; the
  // aggregating ones are few.
  const enqueueAll = (): void => {
    for (const { aggregationRule, metadata } of roles.lister.values())
      if (aggregationRule !== undefined) queue.add(objectKey(undefined, metadata.name));
  };
  roles.addHandler({
    added: enqueueAll,
    updated: (role: ClusterRole, old: ClusterRole) => {
      if (role.metadata.resourceVersion !== old.metadata.resourceVersion) enqueueAll();
    },
    deleted: enqueueAll,
  });
  const client = context.client.resource(CLUSTER_ROLES);
  const reconcile = async (key: ObjectKey, signal: AbortSignal): Promise<Result> => {
    const role = roles.lister.get(key);
    const rules = planAggregation(role, roles.lister.values());
    if (role === undefined || rules === null) return {};
    try {
      await client.update({ ...role, rules }, { signal });
    } catch (error) {
      if (isConflict(error)) return { requeueAfterMs: RETRY_MS };
      if (!isNotFound(error)) throw error;
    }
    return {};
  };
  return queueLoop(context, { name: NAME, queue, reconciler: { reconcile } });
};
