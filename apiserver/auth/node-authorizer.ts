import { claimsOf } from "../../api/schema/storage/pod-claims.js";
import type {
  Container,
  PersistentVolume,
  Pod,
  Volume,
} from "../../api/schema/types/core-v1.gen.js";
import type { PolicyRule } from "../../api/schema/types/rbac-v1.gen.js";
import type { Attributes, Decision } from "./authorizer.js";
import { ruleAllows } from "./policy-rules.js";

type ResourceAttributes = Extract<Attributes, { type: "resource" }>;

const READ = ["get", "list", "watch"];

/**
 * What every node may do, besides reading what its pods refer to and changing its own Node and
 * Lease. NodeRestriction keeps the writes to its own pods.
 */
export const NODE_RULES: readonly PolicyRule[] = [
  { apiGroups: [""], resources: ["nodes", "services", "namespaces"], verbs: READ },
  { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: READ },
  { apiGroups: [""], resources: ["nodes", "pods"], verbs: ["create"] },
  { apiGroups: [""], resources: ["pods/status"], verbs: ["update", "patch"] },
  { apiGroups: [""], resources: ["pods"], verbs: ["delete"] },
  { apiGroups: ["", "events.k8s.io"], resources: ["events"], verbs: ["create", "update", "patch"] },
  {
    apiGroups: ["authentication.k8s.io"],
    resources: ["tokenreviews", "selfsubjectreviews"],
    verbs: ["create"],
  },
  {
    apiGroups: ["authorization.k8s.io"],
    resources: ["subjectaccessreviews", "localsubjectaccessreviews", "selfsubjectaccessreviews"],
    verbs: ["create"],
  },
  {
    apiGroups: ["certificates.k8s.io"],
    resources: ["certificatesigningrequests"],
    verbs: ["create", ...READ],
  },
  { apiGroups: ["certificates.k8s.io"], resources: ["clustertrustbundles"], verbs: READ },
  { apiGroups: ["node.k8s.io"], resources: ["runtimeclasses"], verbs: READ },
  { nonResourceURLs: ["/raftsman/v1/agent", "/raftsman/v1/gossip"], verbs: ["get"] },
];

const OWN_NODE_VERBS = ["update", "patch"];
const OWN_LEASE_VERBS = ["get", "update", "patch", "delete"];
const LEASE_NAMESPACE = "kube-node-lease";

/**
 * Which objects the pods of each node refer to, and with it what a node may read. Pure; whoever
 * owns it tells it of every pod and every volume, in any order.
 */
export class NodeAuthorizer {
  /** Pod ("namespace/name") → where it is and what it refers to. */
  private readonly pods = new Map<string, { nodeName: string; references: readonly string[] }>();
  /** Volume → the claim ("namespace/name") that it is bound to. */
  private readonly claims = new Map<string, string>();
  /** Node → reference → how many of its pods have it. */
  private readonly counts = new Map<string, Map<string, number>>();

  /** `pod` null: it is gone. A pod without a node counts as gone. */
  setPod(namespace: string, name: string, pod: Pod | null): void {
    const key = `${namespace}/${name}`;
    const old = this.pods.get(key);
    if (old !== undefined) this.count(old, -1);
    this.pods.delete(key);
    const nodeName = pod?.spec.nodeName ?? "";
    if (pod === null || nodeName === "") return;
    const entry = { nodeName, references: referencesOf(pod, namespace) };
    this.pods.set(key, entry);
    this.count(entry, 1);
  }

  /** `volume` null: it is gone. */
  setVolume(name: string, volume: PersistentVolume | null): void {
    const { claimRef } = volume?.spec ?? {};
    if (claimRef === undefined) this.claims.delete(name);
    else this.claims.set(name, `${claimRef.namespace ?? ""}/${claimRef.name ?? ""}`);
  }

  clear(): void {
    this.pods.clear();
    this.claims.clear();
    this.counts.clear();
  }

  /** Whether the node may; its refusal in Kubernetes' words, where there are any. */
  authorize(nodeName: string, asked: Attributes): Decision {
    const refusal = asked.type === "path" ? null : this.special(nodeName, asked);
    if (refusal !== null) return refusal === "" ? ALLOWED : { allowed: false, reason: refusal };
    const allowed = NODE_RULES.some((rule) => ruleAllows(rule, asked));
    return allowed ? ALLOWED : UNKNOWN;
  }

  /** "": allowed; null: decided by the rules. */
  private special(nodeName: string, asked: ResourceAttributes): string | null {
    const { group, resource } = asked;
    if (group === "coordination.k8s.io" && resource === "leases") return ownLease(nodeName, asked);
    if (group !== "") return null;
    switch (resource) {
      case "secrets":
      case "configmaps":
        return this.referenced(nodeName, asked);
      case "persistentvolumeclaims":
        return this.claim(nodeName, asked);
      case "persistentvolumes":
        return this.volume(nodeName, asked);
      case "serviceaccounts":
        return this.serviceAccount(nodeName, asked);
      case "pods":
        return this.readPod(nodeName, asked);
      case "nodes":
        return ownNode(nodeName, asked);
      default:
        return null;
    }
  }

  private referenced(nodeName: string, asked: ResourceAttributes): string {
    if (!READ.includes(asked.verb) || asked.subresource !== "")
      return "can only get, list or watch this resource";
    if (asked.namespace === "" || asked.name === "")
      return "can only read namespaced object of this type";
    return this.path(nodeName, asked.resource, asked);
  }

  private claim(nodeName: string, asked: ResourceAttributes): string {
    if (asked.verb !== "get" || asked.subresource !== "")
      return "can only get individual resources of this type";
    return this.path(nodeName, asked.resource, asked);
  }

  /** A volume is a node's business while a pod there mounts the claim that has it. */
  private volume(nodeName: string, { verb, subresource, name }: ResourceAttributes): string {
    if (verb !== "get" || subresource !== "" || name === "")
      return "can only get individual resources of this type";
    const reference = `persistentvolumeclaims/${this.claims.get(name) ?? ""}`;
    return this.counts.get(nodeName)?.has(reference) === true ? "" : noPath(nodeName);
  }

  private serviceAccount(nodeName: string, asked: ResourceAttributes): string {
    const isToken = asked.subresource === "token" && asked.verb === "create";
    const isRead = asked.subresource === "" && asked.verb === "get";
    if (!isToken && !isRead) return "can only create tokens for individual service accounts";
    return this.path(nodeName, "serviceaccounts", asked);
  }

  private readPod(nodeName: string, asked: ResourceAttributes): string | null {
    if (!READ.includes(asked.verb) || asked.subresource !== "") return null;
    const pinned = /(?:^|,)spec\.nodeName==?([^,]*)(?:,|$)/u.exec(asked.fieldSelector ?? "")?.[1];
    if (asked.verb !== "get" && pinned === nodeName) return "";
    const pod = this.pods.get(`${asked.namespace}/${asked.name}`);
    if (asked.name !== "" && pod?.nodeName === nodeName) return "";
    return asked.verb === "get"
      ? noPath(nodeName)
      : "can only list/watch pods with spec.nodeName field selector";
  }

  private path(nodeName: string, resource: string, asked: ResourceAttributes): string {
    const reference = `${resource}/${asked.namespace}/${asked.name}`;
    return this.counts.get(nodeName)?.has(reference) === true ? "" : noPath(nodeName);
  }

  private count(
    { nodeName, references }: { nodeName: string; references: readonly string[] },
    change: 1 | -1,
  ): void {
    const counts = this.counts.get(nodeName) ?? new Map<string, number>();
    this.counts.set(nodeName, counts);
    for (const reference of references) {
      const count = (counts.get(reference) ?? 0) + change;
      if (count === 0) counts.delete(reference);
      else counts.set(reference, count);
    }
    if (counts.size === 0) this.counts.delete(nodeName);
  }
}

const ALLOWED: Decision = { allowed: true, reason: "" };
const UNKNOWN: Decision = { allowed: false, reason: "" };

function noPath(nodeName: string): string {
  return `no relationship found between node '${nodeName}' and this object`;
}

function ownNode(nodeName: string, { verb, name, subresource }: ResourceAttributes): string | null {
  if (!OWN_NODE_VERBS.includes(verb) || (subresource !== "" && subresource !== "status"))
    return null;
  return name === nodeName ? "" : `node '${nodeName}' cannot modify node '${name}'`;
}

function ownLease(nodeName: string, asked: ResourceAttributes): string {
  const { verb, name, namespace, subresource } = asked;
  if (namespace !== LEASE_NAMESPACE)
    return `can only access leases in the "${LEASE_NAMESPACE}" system namespace`;
  if (subresource === "" && verb === "create") return "";
  if (subresource !== "" || !OWN_LEASE_VERBS.includes(verb))
    return "can only get, create, update, patch, or delete a node lease";
  return name === nodeName
    ? ""
    : "can only access node lease with the same name as the requesting node";
}

/** Everything the pod names, each once: `secrets/NAMESPACE/NAME`. */
function referencesOf(pod: Pod, namespace: string): string[] {
  const names = new Set<string>();
  const add = (resource: string, name: string | undefined): void => {
    if (name !== undefined && name !== "") names.add(`${resource}/${namespace}/${name}`);
  };
  const { spec } = pod;
  add("serviceaccounts", spec.serviceAccountName ?? "");
  for (const { name } of spec.imagePullSecrets ?? []) add("secrets", name);
  for (const volume of spec.volumes ?? []) addVolume(volume, add);
  for (const { claimName } of claimsOf(pod)) add("persistentvolumeclaims", claimName);
  const { initContainers = [], containers, ephemeralContainers = [] } = spec;
  for (const container of [...initContainers, ...containers, ...ephemeralContainers])
    addContainer(container, add);
  return [...names];
}

type Add = (resource: "secrets" | "configmaps", name?: string) => void;

function addVolume(volume: Volume, add: Add): void {
  add("configmaps", volume.configMap?.name);
  add("secrets", volume.secret?.secretName);
  for (const source of volume.projected?.sources ?? []) {
    add("configmaps", source.configMap?.name);
    add("secrets", source.secret?.name);
  }
}

function addContainer(container: Pick<Container, "env" | "envFrom">, add: Add): void {
  for (const source of container.envFrom ?? []) {
    add("configmaps", source.configMapRef?.name);
    add("secrets", source.secretRef?.name);
  }
  for (const { valueFrom } of container.env ?? []) {
    add("configmaps", valueFrom?.configMapKeyRef?.name);
    add("secrets", valueFrom?.secretKeyRef?.name);
  }
}
