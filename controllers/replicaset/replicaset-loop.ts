import { BY_CONTROLLER_UID } from "../../api/client/indexer.js";
import { REPLICA_SETS } from "../../api/client/resource-types.js";
import { controllerOf } from "../common/controller-ref.js";
import { replicaLoop } from "./replica-loop.js";

/** The loop that keeps as many pods of each ReplicaSet as its spec says. */
export const replicaSetLoop = replicaLoop({
  name: "replicaset",
  component: "replicaset-controller",
  type: REPLICA_SETS,
  read: (replicaSet) => replicaSet,
  withStatus: (replicaSet, status) => ({ ...replicaSet, status }),
  countsTerminating: true,
  siblings: (replicaSet, all) => {
    const owner = controllerOf(replicaSet);
    return owner === undefined ? [replicaSet] : all.byIndex(BY_CONTROLLER_UID, owner.uid);
  },
});
