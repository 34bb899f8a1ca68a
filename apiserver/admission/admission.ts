import type { KindInfo } from "../../api/schema/kinds.js";
import type { JsonObject, KubernetesObject } from "../../api/schema/wire-types.js";
import type { Identity } from "../server/http-types.js";
import { ReinvocationContext } from "./reinvocation.js";

export type AdmissionOperation = "CREATE" | "UPDATE" | "DELETE" | "CONNECT";

export interface GroupVersionKind {
  /** "" for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}
export interface GroupVersionResource {
  readonly group: string;
  readonly version: string;
  /** The plural, such as pods. */
  readonly resource: string;
}

/** How what a client sees through a subresource (a Scale) lies in the object that is written. */
export interface BodyLens {
  /** What the client sees of the object. */
  bodyOf(object: KubernetesObject): KubernetesObject;
  /** The object with what was changed in the body. */
  withBody(object: KubernetesObject, body: KubernetesObject): KubernetesObject;
}

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
  /**
   * The object to be written; null for a deletion. Of subresources with a kind of their own that
   * are answered and not stored (binding, eviction, token), and of CONNECT: what was sent.
   */
  readonly object: KubernetesObject | null;
  /** What it replaces or deletes; null for a creation. */
  readonly oldObject: KubernetesObject | null;
  readonly identity: Identity;
  readonly dryRun: boolean;
  /** The kind of what was sent: that of `kind`, or what the subresource speaks (Scale, Eviction). */
  readonly bodyKind: GroupVersionKind;
  /** How the body lies in `object` and `oldObject`; null: they are the body. */
  readonly lens: BodyLens | null;
  /** CreateOptions, UpdateOptions, PatchOptions or DeleteOptions as given; null for CONNECT. */
  readonly options: JsonObject | null;
  /** Texts for Warning headers of the answer; plugins add to them. */
  readonly warnings: string[];
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** The resource in the path of a write. */
export function resourceOf({ kind }: AdmissionAttributes): GroupVersionResource {
  return { group: kind.group, version: kind.version, resource: kind.plural };
}

/** The objects as the client sends and sees them: through the lens of a subresource. */
export function bodiesOf(
  attributes: AdmissionAttributes,
): Pick<AdmissionAttributes, "object" | "oldObject"> {
  const { lens, object, oldObject } = attributes;
  if (lens === null) return { object, oldObject };
  return {
    object: object === null ? null : lens.bodyOf(object),
    oldObject: oldObject === null ? null : lens.bodyOf(oldObject),
  };
}

/** What mutating plugins are told besides. */
export interface MutationAttributes extends AdmissionAttributes {
  readonly reinvocation: ReinvocationContext;
}

/** One rule on writes. Refuses by throwing an ApiFailure. */
export interface AdmissionPlugin {
  readonly name: string;
  /**
   * Returns the object to go on with: the same one when there is nothing to change. May be called
   * twice for one write, the second time with what others made of the object.
   */
  mutate?(
    object: KubernetesObject,
    attributes: MutationAttributes,
  ): Promise<KubernetesObject> | KubernetesObject;
  /** For a deletion, before anybody judges it: nothing can be changed, only refused. */
  beforeDelete?(attributes: AdmissionAttributes): Promise<void> | void;
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

  /** The object with what the plugins changed. */
  async mutate(attributes: AdmissionAttributes): Promise<KubernetesObject | null> {
    const reinvocation = new ReinvocationContext();
    let { object } = attributes;
    do {
      object = await this.mutateOnce({ ...attributes, object, reinvocation });
    } while (reinvocation.startAgain());
    return object;
  }

  async validate(attributes: AdmissionAttributes): Promise<void> {
    if (attributes.operation === "DELETE") {
      for (const plugin of this.plugins) await plugin.beforeDelete?.(attributes);
    }
    for (const plugin of this.plugins) await plugin.validate?.(attributes);
  }

  private async mutateOnce(attributes: MutationAttributes): Promise<KubernetesObject | null> {
    let { object } = attributes;
    for (const plugin of this.plugins) {
      if (object === null) return null;
      object = (await plugin.mutate?.(object, { ...attributes, object })) ?? object;
    }
    return object;
  }
}
