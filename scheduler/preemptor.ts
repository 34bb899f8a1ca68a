import { isConflict, isNotFound } from "../api/client/api-error.js";
import type { ApiClient } from "../api/client/client-types.js";
import type { EventRecorder } from "../api/client/event-recorder.js";
import { PODS } from "../api/client/resource-types.js";
import { formatTime } from "../api/machinery/time.js";
import type { Pod } from "../api/schema/types/core-v1.gen.js";
import type { JsonValue } from "../api/schema/wire-types.js";
import type { Clock } from "../base/clock.js";
import type { PodInfo } from "./framework/pod-info.js";
import type { Candidate } from "./preemption.js";
import { DEFAULT_SCHEDULER } from "./pod-role.js";

/** What making room works with. */
export interface PreemptorDeps {
  /** Fenced. */
  readonly client: ApiClient;
  readonly events: EventRecorder;
  readonly clock: Clock;
}

/** Makes room for a pod: carries out what DefaultPreemption found. */
export class Preemptor {
  private readonly deps: PreemptorDeps;

  constructor(deps: PreemptorDeps) {
    this.deps = deps;
  }

  /**
   * Says of each victim why it goes, and lets it go with its own grace period; then says of the pod
   * where room is made. `displaced` are less important pods that waited for the same room: they
   * wait for it no longer. Throws what fails; what was done stays done.
   */
  async makeRoom(
    pod: PodInfo,
    { nodeName, victims }: Candidate,
    { displaced, signal }: { readonly displaced: readonly PodInfo[]; readonly signal: AbortSignal },
  ): Promise<void> {
    await Promise.all(victims.map((victim) => this.evict(victim.pod, { pod, nodeName, signal })));
    for (const other of displaced) await this.nominate(other.pod, null, signal);
    await this.nominate(pod.pod, nodeName, signal);
  }

  private async evict(
    victim: Pod,
    { pod, nodeName, signal }: { pod: PodInfo; nodeName: string; signal: AbortSignal },
  ): Promise<void> {
    const { name, namespace = "", uid, deletionTimestamp, generation = 0 } = victim.metadata;
    if (deletionTimestamp !== undefined) return;
    const condition = {
      type: "DisruptionTarget",
      status: "True",
      reason: "PreemptionByScheduler",
      message: `${DEFAULT_SCHEDULER}: preempting to accommodate a higher priority pod`,
      observedGeneration: generation,
      lastTransitionTime: formatTime(this.deps.clock.nowMs()),
    };
    const patch = { metadata: { uid }, status: { conditions: [condition] } };
    try {
      await this.patchStatus(victim, patch, signal);
      await this.deps.client.resource(PODS).delete(name, { namespace, uid, signal });
    } catch (error) {
      // Gone already, or another pod of that name.
      if (isNotFound(error) || isConflict(error)) return;
      throw error;
    }
    const message = `Preempted by pod ${pod.uid} on node ${nodeName}`;
    this.deps.events.event(victim, "Normal", { reason: "Preempted", message });
  }

  private async nominate(pod: Pod, nodeName: string | null, signal: AbortSignal): Promise<void> {
    const { uid } = pod.metadata;
    const patch = { metadata: { uid }, status: { nominatedNodeName: nodeName } };
    try {
      await this.patchStatus(pod, patch, signal);
    } catch (error) {
      if (!isNotFound(error) && !isConflict(error)) throw error;
    }
  }

  private async patchStatus(pod: Pod, patch: JsonValue, signal: AbortSignal): Promise<void> {
    const { name, namespace = "" } = pod.metadata;
    const options = { namespace, type: "strategic", subresource: "status", signal } as const;
    await this.deps.client.resource(PODS).patch(name, patch, options);
  }
}
