import type { KindInfo } from "../../api/schema/kinds.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";
import type { Identity } from "../server/http-types.js";

export type AdmissionOperation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT";

/** A write on its way to the store. */
export interface AdmissionAttributes {
  readonly operation: AdmissionOperation;
  readonly kind: KindInfo;
  /** "" for the object itself. */
  readonly subresource: string;
  /** "" for cluster-scoped kinds. */
  readonly namespace: string;
  /** "" while a generated name is not known yet. */
  readonly name: string;
  /** The object to be written; null for a deletion. */
  readonly object: KubernetesObject | null;
  /** What it replaces or deletes; null for a creation. */
  readonly oldObject: KubernetesObject | null;
  readonly identity: Identity;
  readonly dryRun: boolean;
}

/** One rule on writes. Refuses by throwing an ApiFailure. */
export interface AdmissionPlugin {
  readonly name: string;
  /** Returns the object to go on with: the same one when there is nothing to change. */
  mutate?(
    object: KubernetesObject,
    attributes: AdmissionAttributes,
  ): Promise<KubernetesObject> | KubernetesObject;
  validate?(attributes: AdmissionAttributes): Promise<void> | void;
}

/**
 * Runs every plugin in order: first all that change the object, later, when it is complete, all
 * that judge it.
 */
export class AdmissionChain {
  private readonly plugins: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.plugins = plugins;
  }

  async mutate(attributes: AdmissionAttributes): Promise<KubernetesObject | null> {
    let { object } = attributes;
    for (const plugin of this.plugins) {
      if (object === null) return null;
      object = (await plugin.mutate?.(object, { ...attributes, object })) ?? object;
    }
    return object;
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    for (const plugin of this.plugins) await plugin.validate?.(attributes);
  }
}
