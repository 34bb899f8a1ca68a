import type { Informer } from "../api/client/informer.js";
import type { InformerSource } from "../api/client/informer-factory.js";
import { ENDPOINT_SLICES, NODES, PODS, SERVICES } from "../api/client/resource-types.js";
import type { Node, Pod, Service } from "../api/schema/types/core-v1.gen.js";
import type { EndpointSlice } from "../api/schema/types/discovery-v1.gen.js";
import { ROUTED_NODE_FIELDS } from "./cni/route-plan.js";

/** What an agent follows all the time. */
export interface AgentInformers {
  /** The pods of this node. */
  readonly pods: Informer<Pod>;
  /** This node alone, whole. */
  readonly ownNode: Informer<Node>;
  /**
   * All nodes, but only what routes to their pods need: what else changes in a Node must not cost
   * every other node something.
   */
  readonly routedNodes: Informer<Node>;
  readonly services: Informer<Service>;
  readonly slices: Informer<EndpointSlice>;
}

/** The informers of the agent of a node. */
export function agentInformers(source: InformerSource, nodeName: string): AgentInformers {
  return {
    pods: source.informer(PODS, { fieldSelector: `spec.nodeName=${nodeName}` }),
    ownNode: source.informer(NODES, { fieldSelector: `metadata.name=${nodeName}` }),
    routedNodes: source.informer(NODES, { fields: ROUTED_NODE_FIELDS }),
    services: source.informer(SERVICES),
    slices: source.informer(ENDPOINT_SLICES),
  };
}
