import { resourcePath } from "../api/client/request-path.js";
import type { ApiClient } from "../api/client/client-types.js";
import { PODS } from "../api/client/resource-types.js";
import type { Pod } from "../api/schema/types/core-v1.gen.js";
import type { Binder, VolumeDecision } from "./framework/interfaces.js";
import type { VolumeBinder } from "./volume-binder.js";

const BIND_TIMEOUT_MS = 10_000;

/**
 * Binds pods through the API: the server writes the node into the pod, once, and refuses when it
 * has one already.
 */
export class PodBinder implements Binder {
  private readonly client: ApiClient;
  private readonly volumes: VolumeBinder;

  constructor(client: ApiClient, volumes: VolumeBinder) {
    this.client = client;
    this.volumes = volumes;
  }

  bindVolumes(
    pod: Pod,
    decision: VolumeDecision,
    context: { readonly nodeName: string; readonly signal: AbortSignal },
  ): Promise<void> {
    return this.volumes.bind(pod, decision, context);
  }

  async bind(pod: Pod, nodeName: string, signal: AbortSignal): Promise<void> {
    const { name, namespace = "", uid } = pod.metadata;
    await this.client.request(
      "POST",
      resourcePath(PODS, { namespace, name, subresource: "binding" }),
      {
        body: {
          apiVersion: "v1",
          kind: "Binding",
          metadata: { name, namespace, uid },
          target: { kind: "Node", name: nodeName },
        },
        signal,
        timeoutMs: BIND_TIMEOUT_MS,
      },
    );
  }
}
