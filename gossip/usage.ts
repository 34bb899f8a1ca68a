/**
 * What a node and its containers used lately, as its agent measured it. It is told again and again,
 * kept in memory and never stored.
 */
export interface NodeUsage {
  /** When the interval ended, in milliseconds since 1970 on the node's clock. */
  readonly atMs: number;
  /** The interval over which the CPU is averaged. */
  readonly windowMs: number;
  /** True: the pods exist in the agent's memory only, and so does their usage. */
  readonly simulated: boolean;
  /** Of the whole node. A billion is one CPU kept busy. */
  readonly cpuNanoCores: number;
  /** The node's working set. */
  readonly memoryBytes: number;
  readonly pods: readonly PodUsage[];
}

/** What a pod's running containers used. */
export interface PodUsage {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly containers: readonly ContainerUsage[];
}

/** What one container used. */
export interface ContainerUsage {
  readonly name: string;
  readonly cpuNanoCores: number;
  /** Its working set. */
  readonly memoryBytes: number;
}

const NAME_CHARS_MAX = 253;
const PODS_MAX = 5_000;
const CONTAINERS_MAX = 1_000;

/** Reads what another process sent; null when it is no usage. Fields we do not know are dropped. */
export function parseNodeUsage(value: unknown): NodeUsage | null {
  if (!isRecord(value) || typeof value["simulated"] !== "boolean") return null;
  const { atMs, windowMs, cpuNanoCores, memoryBytes, simulated } = value;
  if (!isAmount(atMs) || !isAmount(windowMs) || windowMs === 0) return null;
  if (!isAmount(cpuNanoCores) || !isAmount(memoryBytes)) return null;
  const pods = parseList(value["pods"], PODS_MAX, parsePod);
  return pods === null ? null : { atMs, windowMs, simulated, cpuNanoCores, memoryBytes, pods };
}

function parsePod(value: unknown): PodUsage | null {
  if (!isRecord(value)) return null;
  const { namespace, name, uid } = value;
  if (!isName(namespace) || !isName(name) || !isName(uid)) return null;
  const containers = parseList(value["containers"], CONTAINERS_MAX, parseContainer);
  return containers === null ? null : { namespace, name, uid, containers };
}

function parseContainer(value: unknown): ContainerUsage | null {
  if (!isRecord(value)) return null;
  const { name, cpuNanoCores, memoryBytes } = value;
  if (!isName(name) || !isAmount(cpuNanoCores) || !isAmount(memoryBytes)) return null;
  return { name, cpuNanoCores, memoryBytes };
}

function parseList<T>(
  value: unknown,
  countMax: number,
  parse: (each: unknown) => T | null,
): readonly T[] | null {
  if (!Array.isArray(value) || value.length > countMax) return null;
  const parsed: T[] = [];
  for (const each of value) {
    const one = parse(each);
    if (one === null) return null;
    parsed.push(one);
  }
  return parsed;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string {
  return typeof value === "string" && value !== "" && value.length <= NAME_CHARS_MAX;
}

function isAmount(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
