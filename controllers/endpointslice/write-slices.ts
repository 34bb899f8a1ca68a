import { isNotFound } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import { keyOf, objectKey, type ObjectKey } from "../../api/client/object-key.js";
import type { Informer, InformerHandler } from "../../api/client/informer.js";
import { ENDPOINT_SLICES } from "../../api/client/resource-types.js";
import type { WorkQueue } from "../../api/client/workqueue.js";
import type { EndpointSlice } from "../../api/schema/types/discovery-v1.gen.js";
import type { WriteTracker } from "../common/write-tracker.js";
import { type EndpointSlicePlan, MANAGED_BY, SERVICE_NAME } from "./plan.js";

/** Carries a plan out and tells the tracker of `key`. */
export async function writeSlices(
  { client, tracker }: { readonly client: ApiClient; readonly tracker: WriteTracker },
  { key, plan }: { readonly key: ObjectKey; readonly plan: EndpointSlicePlan },
  signal: AbortSignal,
): Promise<void> {
  const slices = client.resource(ENDPOINT_SLICES);
  // First what is new, so that no endpoint is missing for a moment while it moves from one slice
  // to another.
  for (const slice of plan.create) {
    const created = await slices.create(slice, { signal });
    tracker.wrote(key, keyOf(created), created);
  }
  for (const slice of plan.update) {
    const updated = await slices.update(slice, { signal });
    tracker.wrote(key, keyOf(updated), updated);
  }
  for (const slice of plan.remove) {
    const { namespace = "", name, uid } = slice.metadata;
    try {
      await slices.delete(name, { namespace, uid, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
    tracker.deleted(key, keyOf(slice), slice);
  }
}

/** Puts what a slice belongs to into the queue when one of this manager comes, changes or goes. */
export function enqueueOwners(
  slices: Informer<EndpointSlice>,
  {
    manager,
    queue,
    tracker,
  }: {
    readonly manager: string;
    readonly queue: WorkQueue<ObjectKey>;
    readonly tracker: WriteTracker;
  },
): void {
  const ownerKey = ({ metadata: { namespace, labels } }: EndpointSlice): ObjectKey | null => {
    const name = labels?.[SERVICE_NAME];
    if (name === undefined || labels?.[MANAGED_BY] !== manager) return null;
    return objectKey(namespace, name);
  };
  const enqueue = (slice: EndpointSlice): void => {
    const key = ownerKey(slice);
    if (key !== null) queue.add(key);
  };
  const handler: InformerHandler<EndpointSlice> = {
    added: enqueue,
    updated: (slice, old) => {
      enqueue(slice);
      if (slice.metadata.labels !== old.metadata.labels) enqueue(old);
    },
    deleted: (slice) => {
      const key = ownerKey(slice);
      if (key === null) return;
      tracker.gone(key, slice);
      queue.add(key);
    },
  };
  slices.addHandler(handler);
}
