import type { MemberStatus } from "../../consensus/consensus.js";
import {
  API_SLICE_LABELS,
  apiEndpoints,
  apiEndpointSlice,
  isLoopback,
} from "./bootstrap-objects.js";

/** Where a server's API is. */
export interface ServerAddress {
  readonly address: string;
  readonly port: number;
}

export interface EndpointsPlan {
  readonly endpoints: object;
  readonly slices: readonly object[];
  /** True for a slice of the Service that is none of these. */
  readonly isForeign: (name: string) => boolean;
}

const NAME = "kubernetes";

/** Picks the slices of `default/kubernetes` in a list. */
export const SERVICE_SLICES_QUERY = `labelSelector=${encodeURIComponent(
  Object.entries(API_SLICE_LABELS)
    .map(([key, value]) => `${key}=${value}`)
    .join(","),
)}`;

/**
 * The Endpoints and EndpointSlices of the API's Service: servers that answer, in the order of their
 * addresses. One slice names one port: servers on one computer have several. Pure.
 */
export function planServerEndpoints(
  members: readonly MemberStatus[],
  own: ServerAddress,
): EndpointsPlan {
  const known = members.flatMap(({ apiUrl, role, healthy }) => {
    const at = addressOf(apiUrl);
    return at === null ? [] : [{ ...at, serves: healthy && role !== "unreachable" }];
  });
  const all = known.length > 0 ? known : [{ ...own, serves: true }];
  const usable = all.filter(({ address }) => !isLoopback(address));
  const ports = [...new Set(all.map(({ port }) => port))].sort((a, b) => a - b);
  const servingAt = (port: number): string[] =>
    usable
      .filter((server) => server.port === port && server.serves)
      .map(({ address }) => address)
      .sort();
  const names = ports.map((port, index) => (index === 0 ? NAME : `${NAME}-${port}`));
  return {
    endpoints: apiEndpoints(ports.map((port) => ({ port, addresses: servingAt(port) }))),
    slices: ports.map((port, index) =>
      apiEndpointSlice(names[index] ?? NAME, { addresses: servingAt(port), port }),
    ),
    isForeign: (name) => name.startsWith(NAME) && !names.includes(name),
  };
}

function addressOf(apiUrl: string): ServerAddress | null {
  const match = /^https:\/\/([0-9.]+):(\d+)$/.exec(apiUrl);
  return match === null ? null : { address: match[1] ?? "", port: Number(match[2]) };
}
