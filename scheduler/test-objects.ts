import type { Node, NodeSpec, NodeStatus, Pod, PodSpec } from "../api/schema/types/core-v1.gen.js";
import type { PodDisruptionBudget } from "../api/schema/types/policy-v1.gen.js";
import type { StoredMeta } from "../api/schema/wire-types.js";
import { ClusterSnapshot } from "./framework/cluster-snapshot.js";
import { NO_STORAGE, type StorageView } from "./framework/storage-view.js";

type Labels = { readonly [key: string]: string };

/** Metadata as the server gives it. */
function meta(name: string, rest: Partial<StoredMeta>): StoredMeta {
  return {
    name,
    uid: `uid-${rest.namespace ?? ""}-${name}`,
    resourceVersion: "1",
    creationTimestamp: "2026-01-01T00:00:00Z",
    ...rest,
  };
}

/** A node with 4 cores, 8 GiB and room for 110 pods, unless told otherwise. */
export function testNode(
  name: string,
  {
    labels = {},
    spec = {},
    allocatable = {},
    images = [],
  }: {
    readonly labels?: Labels;
    readonly spec?: NodeSpec;
    readonly allocatable?: Labels;
    readonly images?: NodeStatus["images"];
  } = {},
): Node {
  const room = { cpu: "4", memory: "8Gi", pods: "110", ...allocatable };
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: meta(name, { labels: { "kubernetes.io/hostname": name, ...labels } }),
    spec,
    status: { allocatable: room, ...(images === undefined ? {} : { images }) },
  };
}

/** A pod with one container in the namespace default. */
export function testPod(
  name: string,
  {
    requests = {},
    spec = {},
    labels = {},
    namespace = "default",
  }: {
    readonly requests?: Labels;
    readonly spec?: Partial<PodSpec>;
    readonly labels?: Labels;
    readonly namespace?: string;
  } = {},
): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: meta(name, { namespace, labels }),
    spec: { containers: [{ name: "c", image: "app", resources: { requests } }], ...spec },
  };
}

/**
 * A snapshot of these nodes and (placed) pods; namespaces have the label `team` of their own name.
 */
export function testSnapshot(
  nodes: readonly Node[],
  pods: readonly Pod[] = [],
  budgets: readonly PodDisruptionBudget[] = [],
  storage: StorageView = NO_STORAGE,
): ClusterSnapshot {
  const snapshot = new ClusterSnapshot({
    namespaceLabels: (namespace) => ({ team: namespace }),
    budgets: () => budgets,
    storage,
  });
  for (const node of nodes) snapshot.setNode(node);
  for (const pod of pods) snapshot.setPod(pod);
  return snapshot;
}
