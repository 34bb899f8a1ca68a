import { isNotFound } from "../../api/client/api-error.js";
import type { ResourceClient } from "../../api/client/client-types.js";
import type { KubernetesObject } from "../../api/schema/wire-types.js";

/**
 * Adds a finalizer to an object or takes it off. By the version of the object that was looked at:
 * who decided on an older one is refused with Conflict. One that is gone needs nothing.
 */
export async function changeFinalizer<T extends KubernetesObject>(
  client: ResourceClient<T>,
  object: T,
  change: {
    readonly what: "add" | "remove";
    readonly finalizer: string;
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { what, finalizer, signal } = change;
  const others = (object.metadata.finalizers ?? []).filter((one) => one !== finalizer);
  const finalizers = what === "add" ? [...others, finalizer] : others;
  try {
    await client.update({ ...object, metadata: { ...object.metadata, finalizers } }, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}
