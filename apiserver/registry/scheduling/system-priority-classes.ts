/** A class that every cluster has, for the pods that keep it alive. */
export interface SystemPriorityClass {
  readonly name: string;
  readonly value: number;
  readonly description: string;
}

/** Users' classes stay at or below this. */
export const USER_PRIORITY_MAX = 1_000_000_000;
/** Names that begin so belong to the classes below. */
export const SYSTEM_PREFIX = "system-";

/** The classes above all that users can make. */
export const SYSTEM_PRIORITY_CLASSES: readonly SystemPriorityClass[] = [
  {
    name: "system-node-critical",
    value: 2 * USER_PRIORITY_MAX + 1000,
    description: "Used for system critical pods that must not be moved from their current node.",
  },
  {
    name: "system-cluster-critical",
    value: 2 * USER_PRIORITY_MAX,
    description:
      "Used for system critical pods that must run in the cluster, but can be moved to another " +
      "node if necessary.",
  },
];
