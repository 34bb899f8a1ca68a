import type { ObjectMeta } from "./types/meta-v1.gen.js";

/** Any JSON value. Objects are read-only: what a cache hands out must never be changed. */
export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/**
 * A quantity as on the wire, such as "100m" or "1.5Gi"; JSON numbers are accepted on input and
 * normalised to text.
 */
export type Quantity = string;

/** A port or a percentage: 80, "http", "25%". */
export type IntOrString = number | string;

/**
 * The metadata of an object as read from the server: what the server always sets is not optional.
 */
export type StoredMeta = ObjectMeta & {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly creationTimestamp: string;
};

/** What every stored object has in common. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: StoredMeta;
}

/**
 * An object as a client writes it: the server fills in the rest of the metadata, and the status.
 */
export type NewObject<T extends KubernetesObject> = Omit<T, "metadata" | "status"> & {
  readonly metadata: ObjectMeta;
  readonly status?: T extends { readonly status?: infer S } ? S : never;
};

/** A list as answered by the server. */
export interface ObjectList<T> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly T[];
}
