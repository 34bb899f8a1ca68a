import type { PersistentVolume, Pod } from "../../api/schema/types/core-v1.gen.js";
import type {
  ClusterRole,
  ClusterRoleBinding,
  Role,
  RoleBinding,
} from "../../api/schema/types/rbac-v1.gen.js";
import type { CachedObject, ResourceCache } from "../storage/resource-cache.js";
import type { WatchCache } from "../storage/watch-cache.js";
import type { NodeAuthorizer } from "./node-authorizer.js";
import type { RbacPolicy } from "./rbac.js";

const RBAC = "rbac.authorization.k8s.io";
const EVERYTHING = { namespace: "", name: "", indexed: null };
const NODE_NAME = "spec.nodeName";

interface Follower {
  /** One object was created, changed (`previous` is the old one) or deleted (`current` null). */
  readonly onChange: (current: CachedObject | null, previous: CachedObject | null) => void;
}

/** Keeps RBAC and the node authorizer in step with the watch cache, for as long as that lives. */
export function feedPolicies(
  cache: WatchCache,
  { rbac, nodes }: { readonly rbac: RbacPolicy; readonly nodes: NodeAuthorizer },
): void {
  const followRbac = <T>(
    resource: string,
    set: (at: CachedObject, object: T | null) => void,
  ): void => {
    follow(cache.of({ group: RBAC, resource }), {
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
  follow(cache.of({ group: "", resource: "persistentvolumes" }), {
    onChange: (current, previous) => {
      if (current !== null) nodes.setVolume(current.name, decode<PersistentVolume>(current));
      else if (previous !== null) nodes.setVolume(previous.name, null);
    },
  });
  follow(cache.of({ group: "", resource: "pods" }), {
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

/**
 * Hands on what is there and what changes. A rebuilt cache is compared with what was handed on
 * before.
 */
function follow(cache: ResourceCache, follower: Follower): void {
  const known = new Map<string, CachedObject>();
  const hand = (current: CachedObject | null, previous: CachedObject | null): void => {
    if (current !== null) known.set(current.key, current);
    else if (previous !== null) known.delete(previous.key);
    follower.onChange(current, previous);
  };
  const start = (): void => {
    const all = new Map(cache.list({ namespace: "", indexed: null }).map((it) => [it.key, it]));
    for (const [key, old] of known) if (!all.has(key)) hand(null, old);
    for (const [key, current] of all) {
      const old = known.get(key);
      if (old?.revision !== current.revision) hand(current, null);
    }
    cache.subscribe({
      interest: EVERYTHING,
      onEvent: ({ current, previous }) => hand(current, previous),
      // The set of watchers may not change while it is walked.
      onReset: () => queueMicrotask(start),
    });
  };
  start();
}

/** Stored bytes parse: the cache read them before. */
function decode<T>(object: CachedObject): T {
  return JSON.parse(object.value.toString()) as T;
}
