import type { CycleState } from "../framework/cycle-state.js";
import {
  type PreFilterPlugin,
  type QueueingHint,
  SKIP,
  type Status,
  unresolvable,
} from "../framework/interfaces.js";
import type { PodInfo } from "../framework/pod-info.js";

const NOT_HERE = unresolvable("devices of resource claims cannot be allocated in this cluster");

/**
 * Keeps pods that ask for devices (KEP-4381) from running without them: ResourceClaims are stored
 * and nobody allocates them.
 */
export class DynamicResources implements PreFilterPlugin {
  readonly name = "DynamicResources";

  preFilter(_state: CycleState, { pod }: PodInfo): Status {
    return (pod.spec.resourceClaims ?? []).length === 0 ? SKIP : NOT_HERE;
  }

  /** Nothing that happens in the cluster changes that. */
  hint(): QueueingHint {
    return "Skip";
  }
}
