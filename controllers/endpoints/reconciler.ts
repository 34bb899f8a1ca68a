import { isConflict, isNamespaceTerminating, isNotFound } from "../../api/client/api-error.js";
import type { ApiClient } from "../../api/client/client-types.js";
import type { EventRecorder } from "../../api/client/event-recorder.js";
import type { Lister } from "../../api/client/indexer.js";
import { type ObjectKey, splitKey } from "../../api/client/object-key.js";
import { ENDPOINTS } from "../../api/client/resource-types.js";
import type { Endpoints, Pod, Service } from "../../api/schema/types/core-v1.gen.js";
import { messageOf } from "../../base/errors.js";
import { podsOf } from "../common/service-index.js";
import type { Reconciler, Result } from "../controller.js";
import { planEndpoints } from "./plan.js";

/** What the reconciler works with. */
export interface EndpointsDeps {
  readonly client: ApiClient;
  readonly services: Lister<Service>;
  /** Indexed BY_LABEL. */
  readonly pods: Lister<Pod>;
  readonly endpoints: Lister<Endpoints>;
  readonly recorder: EventRecorder;
}

const ADDRESSES_MAX = 1000;

/** Keeps the Endpoints of each service with a selector; removes those of a service that is gone. */
export class EndpointsReconciler implements Reconciler {
  private readonly deps: EndpointsDeps;

  constructor(deps: EndpointsDeps) {
    this.deps = deps;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const { services, pods, endpoints } = this.deps;
    const client = this.deps.client.resource(ENDPOINTS);
    const service = services.get(key);
    const current = endpoints.get(key) ?? null;
    if (service === undefined) {
      if (current !== null) await this.remove(key, current, signal);
      return {};
    }
    if (service.spec.selector === undefined || service.spec.type === "ExternalName") return {};
    const selected = podsOf(pods, service);
    const { create, update } = planEndpoints(service, { pods: selected, current }, ADDRESSES_MAX);
    try {
      if (create !== null) await client.create(create, { signal });
      if (update !== null) await client.update(update, { signal });
    } catch (error) {
      if (isNamespaceTerminating(error)) return {};
      const why = messageOf(error);
      const [reason, message] =
        create === null
          ? ["FailedToUpdateEndpoint", `Failed to update endpoint ${key}: ${why}`]
          : ["FailedToCreateEndpoint", `Failed to create endpoint for service ${key}: ${why}`];
      // A conflict mends itself: the newer object is on its way.
      if (!signal.aborted && !isConflict(error))
        this.deps.recorder.event(current ?? service, "Warning", { reason, message });
      throw error;
    }
    return {};
  }

  private async remove(
    key: ObjectKey,
    { metadata }: Endpoints,
    signal: AbortSignal,
  ): Promise<void> {
    const { namespace, name } = splitKey(key);
    try {
      const options = { namespace, uid: metadata.uid, signal };
      await this.deps.client.resource(ENDPOINTS).delete(name, options);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
