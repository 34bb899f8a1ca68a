import { fitsNodeAffinity } from "../../api/schema/placement/node-selection.js";
import { toleratesTaint } from "../../api/schema/placement/tolerations.js";
import type { DaemonSet } from "../../api/schema/types/apps-v1.gen.js";
import type { Node, Pod, PodSpec, Toleration } from "../../api/schema/types/core-v1.gen.js";
import type { NewObject } from "../../api/schema/wire-types.js";
import { controllerRef } from "../common/controller-ref.js";
import { POD_REVISION } from "../common/revisions.js";

const NO_EXECUTE = ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];
const NO_SCHEDULE = [
  "node.kubernetes.io/disk-pressure",
  "node.kubernetes.io/memory-pressure",
  "node.kubernetes.io/pid-pressure",
  "node.kubernetes.io/unschedulable",
];
const NETWORK_UNAVAILABLE = "node.kubernetes.io/network-unavailable";

/** What a node is to a DaemonSet. */
export interface Eligibility {
  /** It is to have a pod. */
  readonly runs: boolean;
  /** A pod that is there may stay. */
  readonly keeps: boolean;
}

/** Whether the pods of a DaemonSet fit a node: its name, labels and taints, not its room. */
export function eligibility({ spec }: DaemonSet, node: Node): Eligibility {
  const wanted = spec.template.spec ?? { containers: [] };
  const { nodeName = "" } = wanted;
  const none = { runs: false, keeps: false };
  if (nodeName !== "" && nodeName !== node.metadata.name) return none;
  if (!fitsNodeAffinity(wanted, node)) return none;
  const tolerations = withDaemonTolerations(wanted);
  const untolerated = (node.spec?.taints ?? []).filter(
    (taint) => !toleratesTaint(tolerations, taint),
  );
  if (untolerated.some(({ effect }) => effect === "NoExecute")) return none;
  return { runs: untolerated.every(({ effect }) => effect !== "NoSchedule"), keeps: true };
}

/** The node that a pod is on, or is meant for; null: none. */
export function nodeOf({ spec }: Pod): string | null {
  if (spec.nodeName !== undefined && spec.nodeName !== "") return spec.nodeName;
  const { nodeAffinity } = spec.affinity ?? {};
  const terms = nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  for (const { matchFields = [] } of terms ?? [])
    for (const { key, operator, values = [] } of matchFields)
      if (key === "metadata.name" && operator === "In" && values.length === 1)
        return values[0] ?? null;
  return null;
}

/** The pod for a node. The scheduler binds it, and has only this node to choose from. */
export function newDaemonPod(set: DaemonSet, node: string, hash: string): NewObject<Pod> {
  const { metadata = {}, spec = { containers: [] } } = set.spec.template;
  const { name, namespace } = set.metadata;
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...metadata.labels, [POD_REVISION]: hash },
      ...(metadata.annotations === undefined ? {} : { annotations: metadata.annotations }),
      ...(metadata.finalizers === undefined ? {} : { finalizers: metadata.finalizers }),
      ownerReferences: [controllerRef(set)],
    },
    spec: { ...spec, affinity: onNode(spec, node), tolerations: withDaemonTolerations(spec) },
  };
}

function onNode({ affinity = {} }: PodSpec, node: string): NonNullable<PodSpec["affinity"]> {
  // The terms of the template hold for this node already.
  const matchFields = [{ key: "metadata.name", operator: "In", values: [node] }];
  const nodeAffinity = {
    ...affinity.nodeAffinity,
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchFields }] },
  };
  return { ...affinity, nodeAffinity };
}

/** A daemon stays where other pods have to go, and comes where they do not. */
function withDaemonTolerations({ tolerations = [], hostNetwork }: PodSpec): Toleration[] {
  const exists = (key: string, effect: string) => ({ key, operator: "Exists", effect });
  const added = [
    ...NO_EXECUTE.map((key) => exists(key, "NoExecute")),
    ...NO_SCHEDULE.map((key) => exists(key, "NoSchedule")),
    ...(hostNetwork === true ? [exists(NETWORK_UNAVAILABLE, "NoSchedule")] : []),
  ];
  const isAdded = ({ key, effect }: Toleration): boolean =>
    added.some((each) => each.key === key && each.effect === effect);
  return [...tolerations.filter((toleration) => !isAdded(toleration)), ...added];
}
