import { parseQuantity } from "../../api/machinery/quantity.js";
import type {
  Container,
  ContainerStatus,
  Pod,
  ResourceRequirements,
} from "../../api/schema/types/core-v1.gen.js";
import { type ContainerRecord, newestOf, type PodRuntime } from "./pod-runtime.js";
import { podCgroupPlan, wholeOf } from "./resources.js";

/** By container: what the node has set aside for it. */
export type Allocation = ReadonlyMap<string, ResourceRequirements>;

/** Why what a pod asks for now is not set aside (KEP-1287). */
export interface ResizePending {
  readonly reason: "Deferred" | "Infeasible";
  readonly message: string;
}

/** A running container that has other resources than are set aside for it. */
export interface ContainerResize {
  readonly record: ContainerRecord;
  readonly container: Container;
  readonly resources: ResourceRequirements;
  /** Its resizePolicy asks for a new start. */
  readonly restart: boolean;
}

/** What can be changed while a container runs. */
const RESIZABLE = ["cpu", "memory"] as const;
const LISTS = ["requests", "limits"] as const;

/** What a pod asks for. */
export function wantedAllocation(pod: Pod): Allocation {
  return new Map(containersOf(pod).map(({ name, resources = {} }) => [name, resources]));
}

/**
 * What was set aside for a pod that an earlier agent has run, as its status tells; where it tells
 * nothing, what the pod asks for.
 */
export function recalledAllocation(pod: Pod): Allocation {
  const allocation = new Map(wantedAllocation(pod));
  for (const { name, allocatedResources, resources } of statusesOf(pod)) {
    const wanted = allocation.get(name);
    if (wanted === undefined || resources === undefined) continue;
    const requests = { ...resources.requests, ...allocatedResources };
    allocation.set(name, { ...wanted, ...resources, requests });
  }
  return allocation;
}

/** By container id: what containers have, as the pod's status tells. */
export function recalledActual(pod: Pod): ReadonlyMap<string, ResourceRequirements> {
  return new Map(
    statusesOf(pod).flatMap(({ containerID, resources }) =>
      containerID === undefined || resources === undefined
        ? []
        : [[containerID.replace(/^.*:\/\//, ""), resources]],
    ),
  );
}

/** The pod as if it asked for what is set aside for it. */
export function withAllocation(pod: Pod, allocation: Allocation): Pod {
  if (sameAllocation(wantedAllocation(pod), allocation)) return pod;
  const dress = (container: Container): Container => {
    const resources = allocation.get(container.name);
    return resources === undefined ? container : { ...container, resources };
  };
  const { initContainers, containers } = pod.spec;
  const inits = initContainers === undefined ? {} : { initContainers: initContainers.map(dress) };
  return { ...pod, spec: { ...pod.spec, containers: containers.map(dress), ...inits } };
}

/** True when both set aside the same of what can be changed. */
export function sameAllocation(a: Allocation, b: Allocation): boolean {
  return [...a].every(([name, resources]) => sameResources(resources, b.get(name) ?? {}));
}

/** True when both say the same of what can be changed. */
export function sameResources(a: ResourceRequirements, b: ResourceRequirements): boolean {
  return changed(a, b).length === 0;
}

/**
 * The running containers that have to be given other resources. `pod` asks for what is set aside;
 * `actual` is by container id, what is not in it is as it should be.
 */
export function planContainerResizes(
  pod: Pod,
  runtime: PodRuntime,
  actual: ReadonlyMap<string, ResourceRequirements>,
): readonly ContainerResize[] {
  return containersOf(pod).flatMap((container): ContainerResize[] => {
    const record = newestOf(runtime, container.name);
    if (record?.state !== "running") return [];
    const { resources = {} } = container;
    const names = changed(actual.get(record.id) ?? resources, resources);
    if (names.length === 0) return [];
    const restart = (container.resizePolicy ?? []).some(
      ({ resourceName, restartPolicy }) =>
        restartPolicy === "RestartContainer" && names.includes(resourceName),
    );
    return [{ record, container, resources, restart }];
  });
}

/** A limit of memory that is less than the container has, or that it has not had. */
export interface MemoryCut {
  readonly name: string;
  readonly containerId: string;
  readonly bytes: number;
}

/** Of the changes those that leave a container less memory; `actual` as above. */
export function memoryCuts(
  changes: readonly ContainerResize[],
  actual: ReadonlyMap<string, ResourceRequirements>,
): readonly MemoryCut[] {
  return changes.flatMap(({ record, container, resources }): MemoryCut[] => {
    const before = actual.get(record.id) ?? resources;
    const bytes = wholeOf(resources.limits?.["memory"]);
    const had = wholeOf(before.limits?.["memory"]);
    if (bytes === 0 || (had > 0 && had <= bytes)) return [];
    return [{ name: container.name, containerId: record.id, bytes }];
  });
}

/** The pod's limit of memory when it is to be less than it is; null: it is not. */
export function podMemoryCut(
  allocated: Pod,
  changes: readonly ContainerResize[],
  actual: ReadonlyMap<string, ResourceRequirements>,
): number | null {
  const had = new Map(
    changes.map(({ record, container, resources }) => [
      container.name,
      actual.get(record.id) ?? resources,
    ]),
  );
  const limitOf = ({ spec }: Pod) => podCgroupPlan("", "", spec).memoryBytes;
  const [before, after] = [limitOf(withAllocation(allocated, had)), limitOf(allocated)];
  return after !== null && (before === null || after < before) ? after : null;
}

/** Init containers too, also those that run to their end: they may take long. */
function containersOf({ spec }: Pod): readonly Container[] {
  return [...(spec.initContainers ?? []), ...spec.containers];
}

function statusesOf({ status = {} }: Pod): readonly ContainerStatus[] {
  return [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
}

function changed(a: ResourceRequirements, b: ResourceRequirements): readonly string[] {
  return RESIZABLE.filter((name) =>
    LISTS.some((list) => nanosOf(a[list]?.[name]) !== nanosOf(b[list]?.[name])),
  );
}

/** Null: not given. */
function nanosOf(quantity: string | undefined): bigint | null {
  return quantity === undefined ? null : (parseQuantity(quantity)?.nanos ?? null);
}
