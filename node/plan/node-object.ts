import { canonicalQuantity } from "../../api/machinery/quantity.js";
import { LOCAL_VOLUMES_FOLDER } from "../../api/schema/storage/storage-names.js";
import type {
  ContainerImage,
  Node,
  NodeCondition,
  NodeStatus,
  Taint,
} from "../../api/schema/types/core-v1.gen.js";
import type { NewObject } from "../../api/schema/wire-types.js";
import type { PressureCondition } from "./eviction.js";
import { equalJson } from "./status-patch.js";
import type { NodeCapacity } from "./resources.js";

/** What a machine is and has. */
export interface NodeFacts {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly ephemeralStorageBytes: number;
  readonly architecture: string;
  readonly operatingSystem: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
}

/** What a Node object is made from. */
export interface NodeDescription {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly facts: NodeFacts;
  /** Such as v1.36.3+raftsman.0.1.0. */
  readonly version: string;
  /** Such as containerd://1.6.20. */
  readonly runtimeVersion: string;
  readonly simulated: boolean;
  /** Where the agent keeps volumes that outlive pods; absolute. */
  readonly localVolumesDir: string;
  /** How many pods it takes, whatever they ask for. */
  readonly podsMax: number;
  /** What pods must leave: to the host's own processes, and below which the node evicts them. */
  readonly reserved: ReservedResources;
}

/** Of a node, what is not for pods. */
export interface ReservedResources {
  readonly cpuMilli: number;
  readonly memoryBytes: number;
  readonly ephemeralStorageBytes: number;
}

/** How the node is at the moment. */
export interface NodeHealth {
  /** What it is short of. */
  readonly pressure: ReadonlySet<PressureCondition>;
  /** Null: ready; otherwise why not. */
  readonly notReady: { readonly reason: string; readonly message: string } | null;
  /** Absent: not known yet. */
  readonly images?: readonly ContainerImage[];
}

/** Says of a Node that its pods are not real. */
export const SIMULATED_ANNOTATION = "raftsman.io/simulated";

/** What Kubernetes' admission gives every new Node, and takes away once it is ready. */
const NOT_READY_TAINT: Taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };

/**
 * The Node object that the agent creates, with its first status where that is known: who is not
 * ready yet says so in the same write, so that nobody has to say it after them.
 */
export function newNode(description: NodeDescription, status?: NodeStatus): NewObject<Node> {
  const { name } = description;
  const annotations = nodeAnnotations(description);
  const ready = status?.conditions?.find(({ type }) => type === "Ready")?.status ?? "True";
  const given = description.taints.filter(({ key }) => key !== NOT_READY_TAINT.key);
  const taints = ready === "True" ? description.taints : [NOT_READY_TAINT, ...given];
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name, labels: nodeLabels(description), annotations },
    spec: taints.length === 0 ? {} : { taints },
    ...(status === undefined ? {} : { status }),
  };
}

/** What the agent says of its node besides. */
export function nodeAnnotations(description: NodeDescription): Record<string, string> {
  return {
    [LOCAL_VOLUMES_FOLDER]: description.localVolumesDir,
    ...(description.simulated ? { [SIMULATED_ANNOTATION]: "true" } : {}),
  };
}

/** The labels that every node has, and those it was given. */
export function nodeLabels(description: NodeDescription): Record<string, string> {
  const { facts, name, labels, simulated } = description;
  return {
    "kubernetes.io/hostname": name,
    "kubernetes.io/os": facts.operatingSystem,
    "kubernetes.io/arch": facts.architecture,
    "beta.kubernetes.io/os": facts.operatingSystem,
    "beta.kubernetes.io/arch": facts.architecture,
    ...(simulated ? { [SIMULATED_ANNOTATION]: "true" } : {}),
    ...labels,
  };
}

/**
 * What the node has, and what of it pods may have. Extended resources are somebody else's word:
 * what `before` has of them stays, and pods may have all of it.
 */
export function nodeResources(
  { facts, podsMax, reserved }: NodeDescription,
  before: NodeStatus | undefined,
): {
  readonly capacity: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
} {
  const extended = Object.entries(before?.capacity ?? {}).filter(([name]) => isExtended(name));
  const capacity = {
    ...Object.fromEntries(extended),
    cpu: quantityOfMilli(facts.cpuMilli),
    memory: kibi(facts.memoryBytes),
    "ephemeral-storage": kibi(facts.ephemeralStorageBytes),
    pods: `${podsMax}`,
  };
  const left = leftForPods(facts, reserved);
  const allocatable = {
    ...capacity,
    cpu: quantityOfMilli(left.cpuMilli),
    memory: kibi(left.memoryBytes),
    "ephemeral-storage": kibi(left.ephemeralStorageBytes),
  };
  return { capacity, allocatable };
}

/** As in the kubelet, what is reserved beyond what there is leaves nothing. */
export function leftForPods(has: NodeCapacity, reserved: ReservedResources): NodeCapacity {
  const left = (name: keyof NodeCapacity): number => Math.max(0, has[name] - reserved[name]);
  return {
    cpuMilli: left("cpuMilli"),
    memoryBytes: left("memoryBytes"),
    ephemeralStorageBytes: left("ephemeralStorageBytes"),
  };
}

/** Such as example.com/dongle: what Kubernetes itself knows nothing of. */
function isExtended(name: string): boolean {
  const [domain = "", rest] = name.split("/");
  return rest !== undefined && !/(^|\.)kubernetes\.io$/.test(domain);
}

/**
 * The status that the agent reports; `before` is what the server has, so that times of transitions
 * stay.
 */
export function nodeStatus(
  description: NodeDescription,
  health: NodeHealth,
  options: { readonly before: NodeStatus | undefined; readonly now: string },
): NodeStatus {
  const { facts, address, name } = description;
  return {
    addresses: [
      { type: "InternalIP", address },
      { type: "Hostname", address: name },
    ],
    ...nodeResources(description, options.before),
    conditions: nodeConditions(health, options),
    ...(health.images === undefined ? {} : { images: health.images }),
    daemonEndpoints: { kubeletEndpoint: { Port: description.port } },
    nodeInfo: {
      architecture: facts.architecture,
      bootID: facts.bootId,
      containerRuntimeVersion: description.runtimeVersion,
      kernelVersion: facts.kernelVersion,
      kubeProxyVersion: description.version,
      kubeletVersion: description.version,
      machineID: facts.machineId,
      operatingSystem: facts.operatingSystem,
      osImage: facts.osImage,
      systemUUID: facts.systemUuid,
    },
  };
}

/** True when the server's status already says what this one says; heartbeat times do not count. */
export function sameNodeStatus(wanted: NodeStatus, present: NodeStatus | undefined): boolean {
  if (present === undefined) return false;
  const { conditions: wantedConditions = [], ...rest } = wanted;
  const fields = present as Readonly<Record<string, never>>;
  for (const [field, value] of Object.entries(rest))
    if (!equalJson(value as never, fields[field]) && !isNothing(value, fields[field])) return false;
  return wantedConditions.every((condition) => {
    const old = present.conditions?.find(({ type }) => type === condition.type);
    return (
      old?.status === condition.status &&
      old.reason === condition.reason &&
      old.message === condition.message
    );
  });
}

/** A list of nothing is not stored: a node without images would write its status for ever. */
function isNothing(wanted: unknown, present: unknown): boolean {
  return present === undefined && Array.isArray(wanted) && wanted.length === 0;
}

function nodeConditions(
  health: NodeHealth,
  options: { readonly before: NodeStatus | undefined; readonly now: string },
): readonly NodeCondition[] {
  const { pressure, notReady } = health;
  const memory = pressure.has("MemoryPressure");
  const disk = pressure.has("DiskPressure");
  const pids = pressure.has("PIDPressure");
  const conditions: (Pick<NodeCondition, "type" | "status"> & {
    reason: string;
    message: string;
  })[] = [
    memory
      ? said(
          "MemoryPressure",
          "True",
          "KubeletHasInsufficientMemory",
          "kubelet has insufficient memory available",
        )
      : said(
          "MemoryPressure",
          "False",
          "KubeletHasSufficientMemory",
          "kubelet has sufficient memory available",
        ),
    disk
      ? said("DiskPressure", "True", "KubeletHasDiskPressure", "kubelet has disk pressure")
      : said("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    pids
      ? said(
          "PIDPressure",
          "True",
          "KubeletHasInsufficientPID",
          "kubelet has insufficient PID available",
        )
      : said(
          "PIDPressure",
          "False",
          "KubeletHasSufficientPID",
          "kubelet has sufficient PID available",
        ),
    notReady === null
      ? said("Ready", "True", "KubeletReady", "kubelet is posting ready status")
      : said("Ready", "False", notReady.reason, notReady.message),
  ];
  return conditions.map((condition) => {
    const old = options.before?.conditions?.find(({ type }) => type === condition.type);
    const same = old?.status === condition.status ? old.lastTransitionTime : undefined;
    return {
      ...condition,
      lastHeartbeatTime: options.now,
      lastTransitionTime: same ?? options.now,
    };
  });
}

function said(
  type: string,
  status: "True" | "False",
  ...words: readonly [string, string]
): {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
} {
  const [reason, message] = words;
  return { type, status, reason, message };
}

/** Whole KiB, in the unit that the server keeps: what it has is compared with this as text. */
function kibi(bytes: number): string {
  const text = `${Math.max(0, Math.floor(bytes / 1024))}Ki`;
  return canonicalQuantity(text) ?? text;
}

function quantityOfMilli(milli: number): string {
  return milli % 1000 === 0 ? `${milli / 1000}` : `${milli}m`;
}
