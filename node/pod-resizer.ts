import type { Container, Pod, ResourceRequirements } from "../api/schema/types/core-v1.gen.js";
import { messageOf } from "../base/errors.js";
import type { NodeContext } from "./node-context.js";
import type { PodRuntime } from "./plan/pod-runtime.js";
import type { PodResizeState } from "./plan/pod-status.js";
import {
  type Allocation,
  type ContainerResize,
  memoryCuts,
  planContainerResizes,
  podMemoryCut,
  recalledActual,
  recalledAllocation,
  type ResizePending,
  sameAllocation,
  wantedAllocation,
  withAllocation,
} from "./plan/resize.js";
import { containerResources } from "./plan/resources.js";

/** Whether the node has room for what the pod asks for now; null: it has. */
export type ResizeRoom = (pod: Pod) => ResizePending | null;

/**
 * Gives the containers of a pod other resources while they run (KEP-1287): sets aside what the pod
 * asks for once there is room, and then hands it on to the runtime.
 */
export class PodResizer {
  private readonly context: NodeContext;
  private allocation: Allocation;
  /** By container, as the runtime has it; what is not in it has what is set aside. */
  private readonly actual: Map<string, ResourceRequirements>;
  private pending: ResizePending | null = null;
  private failure: string | null = null;
  private busy = false;

  /** `known`: an earlier agent has run the pod, and its status tells what it has. */
  constructor(context: NodeContext, pod: Pod, known: boolean) {
    this.context = context;
    this.allocation = known ? recalledAllocation(pod) : wantedAllocation(pod);
    this.actual = new Map(known ? recalledActual(pod) : []);
  }

  /** There was no room for what the pod asks for; it is looked at again when another pod ends. */
  get waits(): boolean {
    return this.pending?.reason === "Deferred";
  }

  /** The pod as if it asked for what is set aside for it: what containers are started with. */
  allocated(pod: Pod): Pod {
    return withAllocation(pod, this.allocation);
  }

  /** Sets aside what the pod asks for, if there is room. */
  review(pod: Pod, room: ResizeRoom): void {
    const wanted = wantedAllocation(pod);
    this.pending = sameAllocation(wanted, this.allocation) ? null : room(pod);
    if (this.pending === null) this.allocation = wanted;
  }

  /** The running containers that have other resources than are set aside for them. */
  changes(pod: Pod, runtime: PodRuntime): readonly ContainerResize[] {
    const all = planContainerResizes(this.allocated(pod), runtime, this.actual);
    this.busy = all.length > 0;
    if (!this.busy) this.failure = null;
    return all;
  }

  /** The container as it is to be started. */
  dressed(container: Container): Container {
    const resources = this.allocation.get(container.name);
    return resources === undefined ? container : { ...container, resources };
  }

  /** A container was started, with what is set aside for it. */
  started(name: string, id: string): void {
    this.actual.set(id, this.allocation.get(name) ?? {});
  }

  /** Changes containers that need not be started anew. Throws CriError. */
  async apply(pod: Pod, changes: readonly ContainerResize[], signal: AbortSignal): Promise<void> {
    const { runtime, cgroups, config } = this.context;
    const { spec } = this.allocated(pod);
    const { uid } = pod.metadata;
    try {
      await this.checkMemory(pod, changes);
      await cgroups.resize(uid, spec, async () => {
        for (const { container, record, resources } of changes) {
          const { oomScoreAdj: _fixed, ...linux } = containerResources(
            spec,
            container,
            config.capacity,
          );
          await runtime.updateContainerResources(record.id, linux, signal);
          this.actual.set(record.id, resources);
        }
      });
      this.failure = null;
    } catch (error) {
      this.failure = messageOf(error);
      throw error;
    }
  }

  /** Gives the pod's cgroup what is set aside while containers are started anew for it. */
  async restart(pod: Pod, carryOut: () => Promise<void>): Promise<void> {
    let failure: unknown = null;
    // Also a pod of which not everything could be started is not left without limits.
    await this.context.cgroups.resize(pod.metadata.uid, this.allocated(pod).spec, async () => {
      await carryOut().catch((error: unknown) => {
        failure = error;
      });
    });
    if (failure !== null) throw failure;
  }

  /**
   * Takes no memory away that is in use: the kernel would end the container. What a container uses
   * changes, so that this is asked again with every try.
   */
  private async checkMemory(pod: Pod, changes: readonly ContainerResize[]): Promise<void> {
    const { cgroups } = this.context;
    const { uid } = pod.metadata;
    const { spec } = this.allocated(pod);
    const wants: { what: string; containerId: string | null; bytes: number }[] = [];
    for (const { name, containerId, bytes } of memoryCuts(changes, this.actual))
      wants.push({ what: `container "${name}"`, containerId, bytes });
    const podBytes = podMemoryCut(this.allocated(pod), changes, this.actual);
    if (podBytes !== null) wants.push({ what: "pod", containerId: null, bytes: podBytes });
    const faults: string[] = [];
    for (const { what, containerId, bytes } of wants) {
      const used = await cgroups.memoryUsed(uid, spec, containerId);
      if (used !== null && used >= bytes)
        faults.push(
          `attempting to set ${what} memory limit (${bytes}) below current usage (${used})`,
        );
    }
    if (faults.length > 0) throw new Error(`cannot decrease memory limits: ${faults.join(", ")}`);
  }

  /** What the pod's status says of it. */
  state(runtime: PodRuntime): PodResizeState {
    const containers = new Map(
      [...this.allocation].map(([name, allocated]) => {
        const record = runtime.containers.find((it) => it.name === name);
        const actual = record?.state === "running" ? this.actual.get(record.id) : undefined;
        return [name, { allocated, actual: actual ?? allocated }];
      }),
    );
    const inProgress = this.busy ? { failure: this.failure } : null;
    return { containers, pending: this.pending, inProgress };
  }
}
