import { isApiError, isNamespaceTerminating } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import type { EventRecorder } from "../../api/client/event-recorder.js";
import { BY_LABEL, labelValue, type Lister } from "../../api/client/indexer.js";
import { objectKey, type ObjectKey } from "../../api/client/object-key.js";
import type { Node, Pod, Service } from "../../api/schema/types/core-v1.gen.js";
import type { EndpointSlice } from "../../api/schema/types/discovery-v1.gen.js";
import { messageOf } from "../../base/errors.js";
import { podsOf } from "../common/service-index.js";
import type { WriteTracker } from "../common/write-tracker.js";
import type { Reconciler, Result } from "../controller.js";
import {
  type EndpointSlicePlan,
  MANAGED_BY,
  MANAGER,
  planEndpointSlices,
  SERVICE_NAME,
} from "./plan.js";
import { writeSlices } from "./write-slices.js";

/** What the reconciler works with. */
export interface EndpointSliceDeps {
  readonly client: ApiClient;
  readonly services: Lister<Service>;
  /** Indexed BY_LABEL. */
  readonly pods: Lister<Pod>;
  /** Indexed BY_LABEL. */
  readonly slices: Lister<EndpointSlice>;
  readonly nodes: Lister<Node>;
  readonly tracker: WriteTracker;
  readonly recorder: EventRecorder;
}

const ENDPOINTS_MAX = 100;
/** Should the event that shows the write be lost, the service is looked at again. */
const STALE_RETRY_MS = 1000;

/** Keeps the EndpointSlices of each service with a selector. */
export class EndpointSliceReconciler implements Reconciler {
  private readonly deps: EndpointSliceDeps;

  constructor(deps: EndpointSliceDeps) {
    this.deps = deps;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const { services, tracker, slices } = this.deps;
    const service = services.get(key);
    if (service === undefined) {
      tracker.forget(key); // Its slices are the garbage collector's business.
      return {};
    }
    const { spec, metadata } = service;
    if (spec.type === "ExternalName" || spec.selector === undefined) return {};
    if (metadata.deletionTimestamp !== undefined) return {};
    if (tracker.isStale(key, (sliceKey) => slices.get(sliceKey as ObjectKey)))
      return { requeueAfterMs: STALE_RETRY_MS };
    const work = { key, plan: this.plan(service) };
    await writeSlices(this.deps, work, signal).catch((error: unknown) => {
      if (isNamespaceTerminating(error)) return;
      if (!signal.aborted) this.warn(service, error);
      throw error;
    });
    return {};
  }

  private plan(service: Service): EndpointSlicePlan {
    const { pods, nodes, slices } = this.deps;
    const { namespace, name } = service.metadata;
    const mine = slices
      .byIndex(BY_LABEL, labelValue(namespace, SERVICE_NAME, name))
      .filter((slice) => slice.metadata.labels?.[MANAGED_BY] === MANAGER);
    const nodeOf = (node: string): Node | undefined => nodes.get(objectKey(undefined, node));
    const world = { service, pods: podsOf(pods, service), slices: mine, nodeOf };
    return planEndpointSlices(world, ENDPOINTS_MAX);
  }

  private warn(service: Service, error: unknown): void {
    if (isApiError(error, "Conflict")) return;
    const name = `${service.metadata.namespace ?? ""}/${service.metadata.name}`;
    const message = `Error updating Endpoint Slices for Service ${name}: ${messageOf(error)}`;
    this.deps.recorder.event(service, "Warning", {
      reason: "FailedToUpdateEndpointSlices",
      message,
    });
  }
}
