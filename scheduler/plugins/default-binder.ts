import type { CycleState } from "../framework/cycle-state.js";
import type { BindPlugin, BindingContext } from "../framework/interfaces.js";
import type { PodInfo } from "../framework/pod-info.js";

/** Writes the decision into the cluster. */
export class DefaultBinder implements BindPlugin {
  readonly name = "DefaultBinder";

  bind(_state: CycleState, { pod }: PodInfo, context: BindingContext): Promise<void> {
    return context.binder.bind(pod, context.nodeName, context.signal);
  }
}
