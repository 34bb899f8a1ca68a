/** A way to another node's pods: its range and the address of the node on the shared link. */
export interface PodRoute {
  readonly podCidr: string;
  readonly via: string;
}

/** What of a Node matters to routes. */
export interface RoutedNode {
  readonly name: string;
  /** Null until the node has a range or an address. */
  readonly route: PodRoute | null;
}

/** The fields of a Node that routedNodeOf looks at. */
export const ROUTED_NODE_FIELDS: readonly string[] = ["spec.podCIDR", "status.addresses"];

/** What a Node object says about the way to its pods (IPv4). */
export function routedNodeOf(node: {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly podCIDR?: string };
  readonly status?: {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
  };
}): RoutedNode {
  const { name } = node.metadata;
  const podCidr = node.spec.podCIDR;
  const via = node.status?.addresses?.find(({ type }) => type === "InternalIP")?.address;
  if (podCidr === undefined || via === undefined) return { name, route: null };
  return parseCidr(podCidr) === null || parseAddress(via) === null
    ? { name, route: null }
    : { name, route: { podCidr, via } };
}

/** One line for `ip -batch`. */
export type RouteCommand = string;

/**
 * The commands that turn the routes in the kernel into the wanted ones: only what differs. Of the
 * kernel's routes only those within clusterCidr are touched.
 */
export function planRoutes(
  present: readonly PodRoute[],
  wanted: readonly PodRoute[],
  options: { readonly clusterCidr: string; readonly protocol: string },
): readonly RouteCommand[] {
  const { clusterCidr, protocol } = options;
  const wantedVia = new Map(wanted.map(({ podCidr, via }) => [podCidr, via]));
  const presentVia = new Map(present.map(({ podCidr, via }) => [podCidr, via]));
  const commands: RouteCommand[] = [];
  for (const { podCidr, via } of present) {
    if (!wantedVia.has(podCidr) && isWithin(podCidr, clusterCidr))
      commands.push(`route del ${podCidr} via ${via} proto ${protocol}`);
  }
  for (const [podCidr, via] of wantedVia) {
    if (presentVia.get(podCidr) !== via)
      commands.push(`route replace ${podCidr} via ${via} proto ${protocol}`);
  }
  return commands;
}

/** Reads `ip -j route show`; routes that lead over no other node have an empty `via`. */
export function parseRoutes(json: string): readonly PodRoute[] {
  if (json.trim() === "") return [];
  const routes = JSON.parse(json) as readonly { dst?: unknown; gateway?: unknown }[];
  return routes.flatMap(({ dst, gateway }) =>
    typeof dst === "string"
      ? [{ podCidr: dst, via: typeof gateway === "string" ? gateway : "" }]
      : [],
  );
}

/**
 * True when `inner` (an address or a range) lies within the range `outer`; false for what is not
 * IPv4.
 */
export function isWithin(inner: string, outer: string): boolean {
  const small = parseCidr(inner);
  const large = parseCidr(outer);
  if (small === null || large === null || small.prefix < large.prefix) return false;
  return networkOf(small.address, large.prefix) === networkOf(large.address, large.prefix);
}

/** An IPv4 range, or an address as a range of one; null when it is neither. */
export function parseCidr(
  text: string,
): { readonly address: number; readonly prefix: number } | null {
  const [addressText, prefixText, ...rest] = text.split("/");
  if (addressText === undefined || rest.length > 0) return null;
  const address = parseAddress(addressText);
  const prefix = prefixText === undefined ? 32 : /^\d{1,2}$/.test(prefixText) ? +prefixText : -1;
  return address === null || prefix < 0 || prefix > 32 ? null : { address, prefix };
}

/** The 32 bits of an IPv4 address in dotted form, or null. */
export function parseAddress(text: string): number | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return null;
  const bytes = match.slice(1).map(Number);
  if (bytes.some((byte) => byte > 255)) return null;
  return bytes.reduce((value, byte) => value * 256 + byte, 0);
}

function networkOf(address: number, prefix: number): number {
  const size = 2 ** (32 - prefix);
  return Math.floor(address / size) * size;
}
