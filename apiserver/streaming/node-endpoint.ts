import type { Node } from "../../api/schema/types/core-v1.gen.js";

/** Where a node's agent listens. */
export interface NodeEndpoint {
  readonly node: string;
  readonly host: string;
  readonly port: number;
}

const DEFAULT_PORT = 10250;
/** The addresses of a node in the order in which they are tried. */
const PREFERENCE = ["InternalIP", "Hostname", "ExternalIP"] as const;

/** Null when the node has said of no address yet. */
export function nodeEndpoint(node: Node): NodeEndpoint | null {
  const addresses = node.status?.addresses ?? [];
  const port = node.status?.daemonEndpoints?.kubeletEndpoint?.Port ?? DEFAULT_PORT;
  for (const type of PREFERENCE) {
    const found = addresses.find((address) => address.type === type);
    if (found !== undefined) return { node: node.metadata.name, host: found.address, port };
  }
  return null;
}

/** The URL of a path on the agent's port; an IPv6 address goes into brackets. */
export function agentUrl(endpoint: NodeEndpoint, path: string, query: URLSearchParams): URL {
  const host = endpoint.host.includes(":") ? `[${endpoint.host}]` : endpoint.host;
  const url = new URL(`https://${host}:${endpoint.port}${path}`);
  url.search = query.toString();
  return url;
}
