import type { OwnerReference } from "../../api/schema/types/meta-v1.gen.js";
import { awaitsDependents, type GraphNode } from "./ownership-graph.js";

/** What is known of an owner that an object names. */
export type OwnerState =
  /** It is there (or cannot be judged): the object stays. */
  | "solid"
  /** It is surely not there. */
  | "dangling"
  /** It is going, and waits for its dependents to go first. */
  | "waiting";

/** What to do with an object that names owners. */
export type DependentPlan =
  | { readonly action: "keep" }
  /** Some owner is left: the references to the others are taken away. */
  | { readonly action: "release"; readonly ownerReferences: readonly OwnerReference[] }
  | {
      readonly action: "delete";
      readonly policy: "Foreground" | "Background" | "Orphan";
      /**
       * Two objects that wait for each other would wait for ever: this one stops blocking its
       * owners.
       */
      readonly unblock: boolean;
    };

/** Pure: decides by the states of all owners; `dependents` are the object's own. */
export function planDependent(
  node: GraphNode,
  owners: readonly { readonly reference: OwnerReference; readonly state: OwnerState }[],
  dependents: readonly GraphNode[],
): DependentPlan {
  if (owners.length === 0) return { action: "keep" };
  const solid = owners.filter(({ state }) => state === "solid");
  if (solid.length === owners.length) return { action: "keep" };
  if (solid.length > 0)
    return { action: "release", ownerReferences: solid.map(({ reference }) => reference) };
  const isWaitedFor = owners.some(({ state }) => state === "waiting");
  if (isWaitedFor && dependents.length > 0)
    return {
      action: "delete",
      policy: "Foreground",
      unblock: dependents.some(awaitsDependents),
    };
  if (node.orphan) return { action: "delete", policy: "Orphan", unblock: false };
  const policy = node.foreground ? "Foreground" : "Background";
  return { action: "delete", policy, unblock: false };
}

/** What an object that waits for its dependents does next. */
export type ForegroundPlan =
  | { readonly action: "finish" }
  | { readonly action: "wait"; readonly lookAt: readonly string[] };

/** Pure: the object may go once none of its dependents blocks it. */
export function planForeground(node: GraphNode, dependents: readonly GraphNode[]): ForegroundPlan {
  const blocking = dependents.filter(({ owners }) =>
    owners.some((owner) => owner.uid === node.uid && owner.blockOwnerDeletion === true),
  );
  if (blocking.length === 0) return { action: "finish" };
  const lookAt = blocking.filter((dependent) => !dependent.deleting).map(({ uid }) => uid);
  return { action: "wait", lookAt };
}
