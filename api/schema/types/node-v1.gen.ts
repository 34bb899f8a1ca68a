// Generated from ../groups by `npm run generate`. Do not edit.
import type { Quantity, StoredMeta } from "../wire-types.js";
import type { Toleration } from "./core-v1.gen.js";

/** Says what running a Pod costs beside its containers. */
export interface Overhead {
  /** Holds the amounts that every Pod of the class costs beside what its containers ask for. */
  readonly podFixed?: { readonly [key: string]: Quantity };
}

/** Names a way of running Pods, such as in a virtual machine. */
export interface RuntimeClass {
  /** Names the group and version of the kind, such as apps/v1. */
  readonly apiVersion: "node.k8s.io/v1";
  /** Names the handler that the node's runtime is told, as a DNS label; it never changes. */
  readonly handler: string;
  /** Names the kind of the object, such as Deployment. */
  readonly kind: "RuntimeClass";
  /** Holds the name, labels and whatever else all objects have alike. */
  readonly metadata: StoredMeta;
  /** Says what running a Pod of the class costs beside its containers. */
  readonly overhead?: Overhead;
  /** Says which nodes can run Pods of the class; absent means that all can. */
  readonly scheduling?: Scheduling;
}

/** Says which nodes can run Pods of a class. */
export interface Scheduling {
  /** Lists labels that those nodes have; Pods of the class get them, and may not contradict them. */
  readonly nodeSelector?: { readonly [key: string]: string };
  /** Lists taints of those nodes; Pods of the class get them beside their own. */
  readonly tolerations?: readonly Toleration[];
}
