import { REPLICATION_CONTROLLERS } from "../../api/client/resource-types.js";
import type { ReplicaSet } from "../../api/schema/types/apps-v1.gen.js";
import type { ReplicationController } from "../../api/schema/types/core-v1.gen.js";
import { replicaLoop } from "../replicaset/replica-loop.js";

/** The loop that keeps as many pods of each ReplicationController as its spec says. */
export const replicationControllerLoop = replicaLoop<ReplicationController>({
  name: "replicationmanager",
  component: "replication-controller",
  type: REPLICATION_CONTROLLERS,
  read: asReplicaSet,
  withStatus: (controller, { terminatingReplicas: _unknown, ...status }) => {
    return { ...controller, status };
  },
  countsTerminating: false,
  siblings: (controller) => [controller],
});

/** It selects by labels alone; all else is a ReplicaSet's, but for the name of the kind. */
function asReplicaSet(controller: ReplicationController): ReplicaSet {
  const { selector, ...spec } = controller.spec;
  const selecting = selector === undefined ? {} : { selector: { matchLabels: selector } };
  return { ...controller, spec: { ...spec, ...selecting } } as unknown as ReplicaSet;
}
