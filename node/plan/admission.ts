import { parseQuantity, wholeValue } from "../../api/machinery/quantity.js";
import { hostPortsOf, portsClash } from "../../api/schema/placement/host-ports.js";
import { fitsNodeAffinity } from "../../api/schema/placement/node-selection.js";
import {
  addResources,
  NO_RESOURCES,
  podRequests,
  type Resources,
  resourcesOf,
} from "../../api/schema/placement/resources.js";
import { toleratesTaint } from "../../api/schema/placement/tolerations.js";
import type { Node, Pod } from "../../api/schema/types/core-v1.gen.js";
import type { ResizePending } from "./resize.js";
import { isStaticPod } from "./pod-role.js";

/** Why a node does not take a pod: the reason and message of the pod's status. */
export interface PodRejection {
  readonly reason: string;
  readonly message: string;
}

/**
 * Whether the node takes a pod that has come to it, beside the others that it has taken and that
 * have not ended; null: yes. The scheduler asks the same before it chooses a node; this holds for
 * pods that name their node themselves, and where the scheduler did not know everything. Reasons
 * and messages are the kubelet's, whose first finding alone counts. Only an extended resource that
 * the node offers can be missing.
 */
export function planAdmission(pod: Pod, node: Node, others: readonly Pod[]): PodRejection | null {
  const { os } = pod.spec;
  const system = node.metadata.labels?.["kubernetes.io/os"] ?? "linux";
  if (os !== undefined && os.name !== system) {
    const message = "Failed to admit pod as the OS field doesn't match node OS";
    return { reason: "PodOSNotSupported", message };
  }
  if (pod.spec.securityContext?.supplementalGroupsPolicy === "Strict" && !knowsStrictGroups(node)) {
    const message = "SupplementalGroupsPolicy=Strict is not supported in this node";
    return { reason: "SupplementalGroupsPolicyNotSupported", message };
  }
  return (
    missingResource(pod, node, others) ??
    failedPredicate(pod, node, others) ??
    untoleratedExecution(pod, node)
  );
}

/** Other nodes would give the pod's processes the groups that its images name (KEP-3619). */
function knowsStrictGroups({ status }: Node): boolean {
  return status?.features?.supplementalGroupsPolicy === true;
}

/** Whether the node has room for what a pod that runs asks for now, beside the others. */
export function planResizeRoom(pod: Pod, node: Node, others: readonly Pod[]): ResizePending | null {
  // What counts is what it asks for, and not what its status says that it has or cannot have.
  const asking = { ...pod, status: {} };
  const never = missingResource(asking, node, []);
  if (never !== null) {
    const message = never.message.replace("enough resource", "enough capacity");
    return { reason: "Infeasible", message: message.replace(/ used: \d+,/, "") };
  }
  const now = missingResource(asking, node, others);
  return now === null ? null : { reason: "Deferred", message: now.message };
}

function missingResource(pod: Pod, node: Node, others: readonly Pod[]): PodRejection | null {
  const list = node.status?.allocatable;
  const podsMax = parseQuantity(list?.["pods"] ?? "0");
  const capacity = podsMax === null ? 0 : Number(wholeValue(podsMax));
  if (others.length + 1 > capacity)
    return insufficient("pods", { requested: 1, used: others.length, capacity });
  const has = resourcesOf(list);
  const asked = podRequests(pod);
  const used = others.reduce((sum, it) => addResources(sum, podRequests(it), 1), NO_RESOURCES);
  const names = [
    ...AMOUNTS.keys(),
    ...[...asked.scalars.keys()].filter((it) => has.scalars.has(it)),
  ];
  for (const name of names) {
    const amount = (of: Resources): number => AMOUNTS.get(name)?.(of) ?? of.scalars.get(name) ?? 0;
    const need = { requested: amount(asked), used: amount(used), capacity: amount(has) };
    if (need.requested > 0 && need.requested > need.capacity - need.used)
      return insufficient(name, need);
  }
  return null;
}

/** In the order in which they are looked at; CPU in thousandths, the others in bytes. */
const AMOUNTS: ReadonlyMap<string, (resources: Resources) => number> = new Map([
  ["cpu", (it) => it.milliCpu],
  ["memory", (it) => it.memoryBytes],
  ["ephemeral-storage", (it) => it.ephemeralBytes],
] as const);

function insufficient(
  name: string,
  need: { readonly requested: number; readonly used: number; readonly capacity: number },
): PodRejection {
  const { requested, used, capacity } = need;
  const message =
    `Node didn't have enough resource: ${name}, ` +
    `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return { reason: `OutOf${name}`, message };
}

function failedPredicate(pod: Pod, node: Node, others: readonly Pod[]): PodRejection | null {
  if (!fitsNodeAffinity(pod.spec, node))
    return failed("NodeAffinity", "node(s) didn't match Pod's node affinity/selector");
  const wanted = pod.spec.nodeName ?? "";
  if (wanted !== "" && wanted !== node.metadata.name)
    return failed("NodeName", "node(s) didn't match the requested node name");
  const ports = hostPortsOf(pod);
  if (ports.length > 0 && portsClash(ports, others.flatMap(hostPortsOf)))
    return failed("NodePorts", "node(s) didn't have free ports for the requested pod ports");
  return null;
}

/** A pod of the node's own is not driven away by what the cluster thinks of the node. */
function untoleratedExecution(pod: Pod, node: Node): PodRejection | null {
  if (isStaticPod(pod)) return null;
  const drives = (node.spec?.taints ?? []).some(
    (taint) => taint.effect === "NoExecute" && !toleratesTaint(pod.spec.tolerations, taint),
  );
  if (!drives) return null;
  return failed("TaintToleration", "node(s) had taints that the pod didn't tolerate");
}

function failed(reason: string, what: string): PodRejection {
  return { reason, message: `Predicate ${reason} failed: ${what}` };
}
