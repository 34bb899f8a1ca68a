import { isIPv4 } from "node:net";
import type { ServerList } from "../../base/server-list.js";
import type { EndpointSlice } from "../schema/types/discovery-v1.gen.js";
import type { Informer } from "./informer.js";

const API_NAMESPACE = "default";
const API_SERVICE = "kubernetes";
const SERVICE_LABEL = "kubernetes.io/service-name";

/** The URLs of the servers that a slice of `default/kubernetes` names; none in other slices. */
export function apiServersOf(slice: EndpointSlice): readonly string[] {
  const { namespace, labels } = slice.metadata;
  if (namespace !== API_NAMESPACE || labels?.[SERVICE_LABEL] !== API_SERVICE) return [];
  const port = slice.ports?.find(({ name }) => name === "https")?.port;
  if (port === undefined) return [];
  return (slice.endpoints ?? [])
    .flatMap(({ addresses }) => addresses)
    .filter((address) => isIPv4(address))
    .map((address) => `https://${address}:${port}`);
}

/**
 * Keeps a list of servers in line with what the cluster says of itself; `onChange` is told of every
 * change. The returned function ends that.
 */
export function followApiServers(
  slices: Informer<EndpointSlice>,
  list: ServerList,
  onChange: (urls: readonly string[]) => void = () => {},
): () => void {
  const known = new Map<string, readonly string[]>();
  const set = (slice: EndpointSlice, urls: readonly string[]): void => {
    const { namespace, name } = slice.metadata;
    const key = `${namespace}/${name}`;
    if (urls.length === 0 && !known.has(key)) return;
    if (urls.length === 0) known.delete(key);
    else known.set(key, urls);
    if (list.learn([...known.values()].flat())) onChange(list.urls());
  };
  return slices.addHandler({
    added: (slice) => set(slice, apiServersOf(slice)),
    updated: (slice) => set(slice, apiServersOf(slice)),
    deleted: (slice) => set(slice, []),
  });
}
