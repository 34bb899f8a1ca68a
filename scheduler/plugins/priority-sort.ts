import type { QueueSortPlugin, QueuedPod } from "../framework/interfaces.js";

/** Higher priority first; among equals, who waited longer. */
export class PrioritySort implements QueueSortPlugin {
  readonly name = "PrioritySort";

  less(a: QueuedPod, b: QueuedPod): boolean {
    if (a.info.priority !== b.info.priority) return a.info.priority > b.info.priority;
    return a.queuedAtMs < b.queuedAtMs;
  }
}
