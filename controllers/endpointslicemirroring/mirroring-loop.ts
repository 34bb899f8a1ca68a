import { isApiError, isNamespaceTerminating } from "../../api/client/api-error.js";
import { BY_LABEL, byLabel, labelValue } from "../../api/client/indexer.js";
import { keyOf, type ObjectKey } from "../../api/client/object-key.js";
import { ENDPOINT_SLICES, ENDPOINTS, SERVICES } from "../../api/client/resource-types.js";
import type { Endpoints } from "../../api/schema/types/core-v1.gen.js";
import { messageOf } from "../../base/errors.js";
import { WriteTracker } from "../common/write-tracker.js";
import { type LoopFactory, newQueue, queueLoop, type Result } from "../controller.js";
import { MANAGED_BY, SERVICE_NAME } from "../endpointslice/plan.js";
import { enqueueOwners, writeSlices } from "../endpointslice/write-slices.js";
import {
  ADDRESSES_MAX,
  MIRRORING_MANAGER,
  planMirror,
  planNoMirror,
  shouldMirror,
} from "./plan.js";

const NAME = "endpoint_slice_mirroring";
/** Should the event that shows a write be lost, the Endpoints are looked at again. */
const STALE_RETRY_MS = 1_000;

/** The loop that makes EndpointSlices of Endpoints that somebody wrote by hand. */
export const endpointSliceMirroringLoop: LoopFactory = (context) => {
  const { client, informers } = context;
  const endpoints = informers.informer(ENDPOINTS);
  const services = informers.informer(SERVICES);
  const slices = informers.informer(ENDPOINT_SLICES);
  slices.addIndex(BY_LABEL, byLabel);
  const queue = newQueue(context, NAME);
  const tracker = new WriteTracker(context.clock);
  // A Service and its Endpoints have one name.
  const enqueue = (object: Parameters<typeof keyOf>[0]): void => queue.add(keyOf(object));
  endpoints.addHandler({ added: enqueue, updated: enqueue, deleted: enqueue });
  services.addHandler({
    added: enqueue,
    updated: (service, old) => {
      const has = service.spec.selector !== undefined;
      if (has !== (old.spec.selector !== undefined)) enqueue(service);
    },
    deleted: enqueue,
  });
  enqueueOwners(slices, { manager: MIRRORING_MANAGER, queue, tracker });
  const recorder = context.events.recorder({ component: "endpoint-slice-mirroring-controller" });

  const warn = (about: Endpoints, error: unknown): void => {
    if (isApiError(error, "Conflict")) return;
    const { namespace = "", name } = about.metadata;
    const message =
      `Error updating Endpoint Slices for Endpoints ${namespace}/${name}: ` + messageOf(error);
    recorder.event(about, "Warning", { reason: "FailedToUpdateEndpointSlices", message });
  };
  const reconcile = async (key: ObjectKey, signal: AbortSignal): Promise<Result> => {
    if (tracker.isStale(key, (slice) => slices.lister.get(slice as ObjectKey)))
      return { requeueAfterMs: STALE_RETRY_MS };
    const about = endpoints.lister.get(key);
    const [namespace, name] = splitKey(key);
    const mine = slices.lister
      .byIndex(BY_LABEL, labelValue(namespace, SERVICE_NAME, name))
      .filter(({ metadata }) => metadata.labels?.[MANAGED_BY] === MIRRORING_MANAGER);
    const mirror = shouldMirror(about, services.lister.get(key));
    const plan = mirror && about !== undefined ? planMirror(about, mine) : planNoMirror(mine);
    if (about === undefined) tracker.forget(key);
    await writeSlices({ client, tracker }, { key, plan }, signal).catch((error: unknown) => {
      if (isNamespaceTerminating(error)) return;
      if (!signal.aborted && about !== undefined) warn(about, error);
      throw error;
    });
    if (about !== undefined && plan.skipped > 0) {
      const message =
        `A max of ${ADDRESSES_MAX} addresses can be mirrored to EndpointSlices per Endpoints ` +
        `subset. ${plan.skipped} addresses were skipped`;
      recorder.event(about, "Warning", { reason: "TooManyAddressesToMirror", message });
    }
    return {};
  };
  return queueLoop(context, { name: NAME, queue, reconciler: { reconcile } });
};

function splitKey(key: ObjectKey): readonly [namespace: string, name: string] {
  const slash = key.indexOf("/");
  return [key.slice(0, slash), key.slice(slash + 1)];
}
