// Generated from ../groups by `npm run generate`. Do not edit.
import type { StoredMeta } from "../wire-types.js";

/** Gives Pods that name it a priority. */
export interface PriorityClass {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "scheduling.k8s.io/v1";
  /** Says to people what the class is for. */
  readonly description?: string;
  /** Gives the class to Pods that name none; at most one class may say so. */
  readonly globalDefault?: boolean;
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "PriorityClass";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says whether its Pods may push others aside: PreemptLowerPriority (the default) or Never. */
  readonly preemptionPolicy?: string;
  /** Is the priority; the higher, the more important. Users' classes end at 1000000000. */
  readonly value?: number;
}
