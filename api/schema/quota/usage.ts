import {
  compareQuantities,
  type ParsedQuantity,
  parseQuantity,
  quantityFromWhole,
} from "../../machinery/quantity.js";
import { parseTimeMs } from "../../machinery/time.js";
import type { PersistentVolumeClaim, Pod, Service } from "../types/core-v1.gen.js";
import { classNameOf } from "../storage/storage-class.js";
import type { KubernetesObject } from "../wire-types.js";
import { type Amounts, podResources } from "./pod-resources.js";

/** Which resource objects belong to. */
export interface CountedResource {
  /** "" for core. */
  readonly group: string;
  /** Plural. */
  readonly resource: string;
}

/** Core resources that a quota may also count under their bare name. */
export const BARE_NAMES: readonly string[] = [
  "configmaps",
  "persistentvolumeclaims",
  "replicationcontrollers",
  "resourcequotas",
  "secrets",
  "services",
];
const COMPUTE: readonly string[] = ["cpu", "memory", "ephemeral-storage"];
const ONE = quantityFromWhole(1n, "DecimalSI");

/** What an object takes of a quota, by the names that quotas use; `nowMs` is ms since 1970. */
export function usageOf(of: CountedResource, object: KubernetesObject, nowMs: number): Amounts {
  const used = new Map<string, ParsedQuantity>([[countName(of), ONE]]);
  if (of.group !== "") return used;
  if (BARE_NAMES.includes(of.resource)) used.set(of.resource, ONE);
  if (of.resource === "pods") addPod(used, object as Pod, nowMs);
  else if (of.resource === "services") addService(used, object as Service);
  else if (of.resource === "persistentvolumeclaims")
    addClaim(used, object as PersistentVolumeClaim);
  return used;
}

/** `count/pods`, `count/deployments.apps`. */
export function countName({ group, resource }: CountedResource): string {
  return `count/${resource}${group === "" ? "" : `.${group}`}`;
}

/** The resource whose objects a name of a quota counts. */
export function countedBy(name: string): CountedResource {
  if (name.startsWith("count/")) {
    const rest = name.slice("count/".length);
    const dot = rest.indexOf(".");
    if (dot < 0) return { group: "", resource: rest };
    return { group: rest.slice(dot + 1), resource: rest.slice(0, dot) };
  }
  if (BARE_NAMES.includes(name)) return { group: "", resource: name };
  if (name.startsWith("services.")) return { group: "", resource: "services" };
  const ofClaims = name === "requests.storage" || name.includes(".storageclass.storage.k8s.io/");
  return { group: "", resource: ofClaims ? "persistentvolumeclaims" : "pods" };
}

/** A pod that has ended, or should have, takes nothing but its place among the objects. */
function addPod(used: Map<string, ParsedQuantity>, pod: Pod, nowMs: number): void {
  const { phase } = pod.status ?? {};
  if (phase === "Succeeded" || phase === "Failed") return;
  const { deletionTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined && (parseTimeMs(deletionTimestamp) ?? nowMs) < nowMs) return;
  used.set("pods", ONE);
  for (const [name, amount] of podResources(pod.spec, "requests")) {
    if (COMPUTE.includes(name)) used.set(name, amount);
    if (COMPUTE.includes(name) || isOther(name)) used.set(`requests.${name}`, amount);
    if (name.startsWith("hugepages-")) used.set(name, amount);
  }
  for (const [name, amount] of podResources(pod.spec, "limits"))
    if (COMPUTE.includes(name)) used.set(`limits.${name}`, amount);
}

function isOther(name: string): boolean {
  return name.startsWith("hugepages-") || name.includes("/");
}

function addService(used: Map<string, ParsedQuantity>, { spec }: Service): void {
  const { type, ports = [], allocateLoadBalancerNodePorts } = spec;
  const balanced = type === "LoadBalancer";
  if (balanced) used.set("services.loadbalancers", ONE);
  if (!balanced && type !== "NodePort") return;
  const chosen = ports.filter(({ nodePort = 0 }) => nodePort !== 0);
  const count = balanced && allocateLoadBalancerNodePorts === false ? chosen : ports;
  used.set("services.nodeports", quantityFromWhole(BigInt(count.length), "DecimalSI"));
}

function addClaim(used: Map<string, ParsedQuantity>, claim: PersistentVolumeClaim): void {
  const size = storageOf(claim);
  const storageClassName = classNameOf(claim);
  const ofClass = `${storageClassName}.storageclass.storage.k8s.io`;
  if (storageClassName !== "") used.set(`${ofClass}/persistentvolumeclaims`, ONE);
  if (size === null) return;
  used.set("requests.storage", size);
  if (storageClassName !== "") used.set(`${ofClass}/requests.storage`, size);
}

/** What is asked for, or what was set aside for it, whichever is more: an expansion may be undone. */
function storageOf({ spec, status }: PersistentVolumeClaim): ParsedQuantity | null {
  const asked = parseQuantity(spec.resources?.requests?.["storage"] ?? "");
  const allocated = parseQuantity(status?.allocatedResources?.["storage"] ?? "");
  if (asked === null || allocated === null) return asked;
  return compareQuantities(allocated, asked) > 0 ? allocated : asked;
}
