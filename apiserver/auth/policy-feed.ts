import type { PersistentVolume, Pod } from "../../api/schema/types/core-v1.gen.js";
import type {
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
} from "../../api/schema/types/rbac-v1.gen.js";
import { followResource } from "../storage/follow-resource.js";
import type { CachedObject } from "../storage/resource-cache.js";
import type { WatchCache } from "../storage/watch-cache.js";
import type { NodeAuthorizer } from "./node-authorizer.js";
import type { RbacPolicy } from "./rbac.js";

const RBAC = "rbac.authorization.k8s.io";
const NODE_NAME = "spec.nodeName";

/** Keeps RBAC and the node authorizer in step with the watch cache, for as long as that lives. */
export function feedPolicies(
  cache: WatchCache,
  { rbac, nodes }: { readonly rbac: RbacPolicy; readonly nodes: NodeAuthorizer },
): void {
  const followRbac = <T>(
    resource: string,
    set: (at: CachedObject, object: T | null) => void,
  ): void => {
    followResource(cache.of({ group: RBAC, resource }), {
      onChange: (current, previous) => {
        if (current !== null) set(current, decode<T>(current));
        else if (previous !== null) set(previous, null);
      },
    });
  };
  followRbac<Role>("roles", (at, role) => rbac.setRole(at.namespace, at.name, role));
  followRbac<ClusterRole>("clusterroles", (at, role) => rbac.setClusterRole(at.name, role));
  followRbac<RoleBinding>("rolebindings", (at, binding) =>
    rbac.setBinding(at.namespace, at.name, binding),
  );
  followRbac<ClusterRoleBinding>("clusterrolebindings", (at, binding) =>
    rbac.setBinding("", at.name, binding),
  );
  followResource(cache.of({ group: "", resource: "persistentvolumes" }), {
    onChange: (current, previous) => {
      if (current !== null) nodes.setVolume(current.name, decode<PersistentVolume>(current));
      else if (previous !== null) nodes.setVolume(previous.name, null);
    },
  });
  followResource(cache.of({ group: "", resource: "pods" }), {
    onChange: (current, previous) => {
      if (current === null) {
        if (previous !== null) nodes.setPod(previous.namespace, previous.name, null);
      } else if (previous === null || mayReferToMore(current, previous)) {
        nodes.setPod(current.namespace, current.name, decode<Pod>(current));
      }
    },
  });
}

/**
 * What a pod refers to is fixed but for two moments: when it gets its node, and when it gets an
 * ephemeral container. Status updates, by far the most frequent, are told apart without decoding.
 */
function mayReferToMore(current: CachedObject, previous: CachedObject): boolean {
  if (current.fields[NODE_NAME] !== previous.fields[NODE_NAME]) return true;
  return current.value.includes('"ephemeralContainers"');
}

/** Stored bytes parse: the cache read them before. */
function decode<T>(object: CachedObject): T {
  return JSON.parse(object.value.toString()) as T;
}
