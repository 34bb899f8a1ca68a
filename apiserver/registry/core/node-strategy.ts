import type { Node } from "../../../api/schema/types/core-v1.gen.js";
import { ageOf } from "../common/age.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { withSpecOf, withStatusOf } from "../common/prepare.js";
import { AGE_COLUMN, column, NAME_COLUMN, wideColumn } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { validateNode, validateNodeUpdate } from "./node-validation.js";

const ROLE_LABEL_PREFIX = "node-role.kubernetes.io/";
const ROLE_LABEL = "kubernetes.io/role";

const table: TableDefinition<Node> = {
  columns: [
    NAME_COLUMN,
    column("Status", "Whether the node is ready and takes new pods."),
    column("Roles", "The roles that the node's labels name."),
    AGE_COLUMN,
    column("Version", "The version of the node's agent."),
    wideColumn("Internal-IP", "The address within the cluster's network."),
    wideColumn("External-IP", "The address from outside."),
    wideColumn("OS-Image", "The operating system."),
    wideColumn("Kernel-Version", "The kernel's version."),
    wideColumn("Container-Runtime", "The container runtime and its version."),
  ],
  cells: (node, nowMs) => [
    node.metadata.name,
    statusOf(node),
    rolesOf(node),
    ageOf(node.metadata.creationTimestamp, nowMs),
    node.status?.nodeInfo?.kubeletVersion ?? "",
    addressOf(node, "InternalIP"),
    addressOf(node, "ExternalIP"),
    orUnknown(node.status?.nodeInfo?.osImage),
    orUnknown(node.status?.nodeInfo?.kernelVersion),
    orUnknown(node.status?.nodeInfo?.containerRuntimeVersion),
  ],
};

/**
 * Nodes: unlike elsewhere a status sent at creation is kept, because agents register themselves
 * with one.
 */
export const nodeStrategy: Strategy<Node> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (node) => node,
  prepareForUpdate: (node, old, subresource) =>
    subresource === "status" ? withSpecOf(node, old) : withStatusOf(node, old),
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  selectableFields: { "spec.unschedulable": (node) => String(node.spec.unschedulable ?? false) },
  table,
};

function statusOf(node: Node): string {
  const ready = node.status?.conditions?.find(({ type }) => type === "Ready");
  const words: string[] = [];
  if (ready === undefined) words.push("Unknown");
  else words.push(ready.status === "True" ? "Ready" : "NotReady");
  if (node.spec.unschedulable === true) words.push("SchedulingDisabled");
  return words.join(",");
}

function rolesOf(node: Node): string {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith(ROLE_LABEL_PREFIX)) roles.add(key.slice(ROLE_LABEL_PREFIX.length));
    else if (key === ROLE_LABEL) roles.add(value);
  }
  roles.delete("");
  return roles.size === 0 ? "<none>" : [...roles].sort().join(",");
}

function addressOf(node: Node, type: string): string {
  return node.status?.addresses?.find((address) => address.type === type)?.address ?? "<none>";
}

function orUnknown(text: string | undefined): string {
  return text === undefined || text === "" ? "<unknown>" : text;
}
