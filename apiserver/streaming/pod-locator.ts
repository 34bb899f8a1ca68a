import { badRequest, failure, notFound } from "../../api/machinery/status.js";
import type { Node, Pod } from "../../api/schema/types/core-v1.gen.js";
import { ApiFailure } from "../server/api-failure.js";
import type { ObjectReader } from "../server/http-types.js";
import { type NodeEndpoint, nodeEndpoint } from "./node-endpoint.js";

/** Finds pods and the agents that run them. */
export class PodLocator {
  private readonly reader: ObjectReader;

  constructor(reader: ObjectReader) {
    this.reader = reader;
  }

  /** Throws ApiFailure 404. */
  async pod(namespace: string, name: string): Promise<Pod> {
    const pods = { group: "", resource: "pods" };
    const pod = await this.reader.get(pods, { namespace, name });
    if (pod === null) throw new ApiFailure(notFound(pods, name));
    return pod as Pod;
  }

  /**
   * The agent of the pod's node. Throws ApiFailure when the pod has no node, or the node no
   * address.
   */
  async agentOf(pod: Pod): Promise<NodeEndpoint> {
    const name = pod.spec.nodeName ?? "";
    if (name === "")
      throw new ApiFailure(badRequest(`pod ${pod.metadata.name} does not have a host assigned`));
    const nodes = { group: "", resource: "nodes" };
    const node = await this.reader.get(nodes, { namespace: "", name });
    if (node === null) throw new ApiFailure(notFound(nodes, name));
    const endpoint = nodeEndpoint(node as Node);
    if (endpoint === null)
      throw new ApiFailure(failure(503, "ServiceUnavailable", `node "${name}" has no address yet`));
    return endpoint;
  }
}
