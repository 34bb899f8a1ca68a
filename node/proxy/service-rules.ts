import type { Endpoint, EndpointSlice } from "../../api/schema/types/discovery-v1.gen.js";
import type { Service, ServicePort } from "../../api/schema/types/core-v1.gen.js";
import { parseAddress, parseCidr } from "../cni/route-plan.js";
import { type Chain, chainOf, type Element, elementId } from "./rule-set.js";

/** What the rules of a Service depend on beside the Service and its slices. */
export interface RuleContext {
  readonly nodeName: string;
  /** The range of all pods; other sources are masqueraded. */
  readonly clusterCidr: string;
}

/** A backend of a Service port. */
export interface Backend {
  readonly address: string;
  readonly port: number;
  readonly local: boolean;
}

/** Everything one Service puts into the table. */
export interface ServiceRules {
  readonly chains: ReadonlyMap<string, Chain>;
  readonly elements: ReadonlyMap<string, Element>;
  readonly affinitySets: ReadonlyMap<string, number>;
  /** Its UDP ports with their backends: flows to a backend that left must be forgotten. */
  readonly udp: readonly UdpFlows[];
}

/** A UDP port of a Service as conntrack sees it. */
export interface UdpFlows {
  readonly addresses: readonly string[];
  readonly port: number;
  readonly nodePort: number | null;
  readonly backends: readonly string[];
}

/** The bit of the packet mark that asks postrouting to masquerade. */
export const MASQUERADE_MARK = 0x4000;
const DEFAULT_AFFINITY_SECONDS = 10_800;
const PROTOCOL_NUMBERS: Readonly<Record<string, number>> = { TCP: 6, UDP: 17, SCTP: 132 };

const NO_RULES: ServiceRules = {
  chains: new Map(),
  elements: new Map(),
  affinitySets: new Map(),
  udp: [],
};

/**
 * The rules of one Service: none for headless and ExternalName Services. IPv4 only. A Service port
 * has up to three chains: over the cluster's backends, over this node's, and for traffic from
 * outside (node ports, external addresses).
 */
export function serviceRules(
  service: Service,
  slices: readonly EndpointSlice[],
  context: RuleContext,
): ServiceRules {
  const clusterIps = clusterIpsOf(service);
  if (clusterIps.length === 0) return NO_RULES;
  const builder = new RuleBuilder(service, context);
  for (const ip of clusterIps) builder.addElement({ set: "cluster_ips", key: ip, verdict: null });
  for (const port of service.spec.ports ?? []) {
    const protocol = PROTOCOL_NUMBERS[port.protocol ?? "TCP"];
    if (protocol === undefined) continue;
    builder.addPort({ port, protocol, backends: chooseBackends(port, slices, context.nodeName) });
  }
  return builder.result();
}

/** The IPv4 cluster addresses of a Service; none when it has no proxying. */
export function clusterIpsOf(service: Service): readonly string[] {
  const { spec } = service;
  if (spec.type === "ExternalName") return [];
  const all = spec.clusterIPs ?? (spec.clusterIP === undefined ? [] : [spec.clusterIP]);
  return all.filter((ip) => parseAddress(ip) !== null);
}

/** The backends that may be used, over the cluster and on this node. */
export interface BackendChoice {
  readonly cluster: readonly Backend[];
  readonly local: readonly Backend[];
}

/**
 * Picks the ready endpoints of a Service port; where none is ready, those that terminate but still
 * serve (KEP-1669), decided separately for the cluster and for this node. Sorted, so that the same
 * endpoints give the same rules.
 */
export function chooseBackends(
  port: ServicePort,
  slices: readonly EndpointSlice[],
  nodeName: string,
): BackendChoice {
  const ready = new Map<string, Backend>();
  const draining = new Map<string, Backend>();
  for (const slice of slices) {
    if (slice.addressType !== "IPv4") continue;
    const target = slice.ports?.find(
      (candidate) =>
        (candidate.name ?? "") === (port.name ?? "") &&
        (candidate.protocol ?? "TCP") === (port.protocol ?? "TCP"),
    )?.port;
    if (target === undefined) continue;
    for (const endpoint of slice.endpoints ?? []) {
      const address = endpoint.addresses[0];
      if (address === undefined || parseAddress(address) === null) continue;
      const backend = { address, port: target, local: endpoint.nodeName === nodeName };
      const list = isReady(endpoint) ? ready : isDraining(endpoint) ? draining : null;
      list?.set(`${address}:${target}`, backend);
    }
  }
  const localOf = (backends: readonly Backend[]): readonly Backend[] =>
    backends.filter(({ local }) => local);
  const readyList = sorted(ready);
  const drainingList = sorted(draining);
  const localReady = localOf(readyList);
  return {
    cluster: readyList.length > 0 ? readyList : drainingList,
    local: localReady.length > 0 ? localReady : localOf(drainingList),
  };
}

function isReady({ conditions }: Endpoint): boolean {
  return conditions?.ready ?? true;
}

function isDraining({ conditions }: Endpoint): boolean {
  return conditions?.terminating === true && conditions.serving !== false;
}

function sorted(backends: ReadonlyMap<string, Backend>): readonly Backend[] {
  return [...backends].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, backend]) => backend);
}

interface PortInput {
  readonly port: ServicePort;
  readonly protocol: number;
  readonly backends: BackendChoice;
}

/** Collects what one Service puts into the table. */
class RuleBuilder {
  private readonly chains = new Map<string, Chain>();
  private readonly elements = new Map<string, Element>();
  private readonly affinitySets = new Map<string, number>();
  private readonly udp: UdpFlows[] = [];
  private readonly service: Service;
  private readonly context: RuleContext;

  constructor(service: Service, context: RuleContext) {
    this.service = service;
    this.context = context;
  }

  result(): ServiceRules {
    const { chains, elements, affinitySets, udp } = this;
    return { chains, elements, affinitySets, udp };
  }

  addElement(element: Element): void {
    this.elements.set(elementId(element), element);
  }

  addPort(input: PortInput): void {
    const { port, protocol, backends } = input;
    const { spec } = this.service;
    const internal = spec.internalTrafficPolicy === "Local" ? backends.local : backends.cluster;
    const id = this.portId(port);
    if (backends.cluster.length > 0) {
      const verdict =
        internal.length === 0
          ? "drop"
          : `goto ${this.backendChain(input, internal === backends.local ? "local" : "cluster")}`;
      for (const ip of clusterIpsOf(this.service))
        this.addElement({ set: "service_ips", key: `${ip} . ${protocol} . ${port.port}`, verdict });
    }
    this.addExternal(input, id);
    for (const { address, local } of [...backends.cluster, ...backends.local]) {
      if (local) this.addElement({ set: "hairpin", key: `${address} . ${address}`, verdict: null });
    }
    if (port.protocol === "UDP") this.udp.push(this.udpFlows(input));
  }

  /** Node port, external addresses and load balancer addresses. */
  private addExternal(input: PortInput, id: string): void {
    const { port, protocol, backends } = input;
    const addresses = externalAddressesOf(this.service);
    const nodePort = port.nodePort ?? 0;
    if (nodePort === 0 && addresses.length === 0) return;
    if (backends.cluster.length === 0) {
      if (nodePort !== 0)
        this.addElement({ set: "reject_ports", key: `${protocol} . ${nodePort}`, verdict: null });
      for (const { address } of addresses) {
        const key = `${address} . ${protocol} . ${port.port}`;
        this.addElement({ set: "reject_addresses", key, verdict: null });
      }
      return;
    }
    const external = this.addChain(`external/${id}`, this.externalRules(input));
    if (nodePort !== 0) {
      const key = `${protocol} . ${nodePort}`;
      this.addElement({ set: "node_ports", key, verdict: `goto ${external}` });
    }
    const guarded = this.guardChain(id, external);
    for (const { address, balanced } of addresses) {
      const key = `${address} . ${protocol} . ${port.port}`;
      const target = balanced ? guarded : external;
      this.addElement({ set: "service_ips", key, verdict: `goto ${target}` });
    }
  }

  private externalRules(input: PortInput): readonly string[] {
    const { clusterCidr } = this.context;
    const cluster = this.backendChain(input, "cluster");
    const mark = `meta mark set meta mark | ${MASQUERADE_MARK}`;
    if (this.service.spec.externalTrafficPolicy !== "Local") return [mark, `goto ${cluster}`];
    // Local keeps the client's address, and has no short cut over other nodes except for the
    // cluster's own traffic.
    const local =
      input.backends.local.length === 0 ? "drop" : `goto ${this.backendChain(input, "local")}`;
    return [
      `ip saddr ${clusterCidr} goto ${cluster}`,
      `fib saddr type local ${mark}`,
      `fib saddr type local goto ${cluster}`,
      local,
    ];
  }

  /**
   * The chain that lets only loadBalancerSourceRanges in; `external` itself where there are none.
   */
  private guardChain(id: string, external: string): string {
    const ranges = (this.service.spec.loadBalancerSourceRanges ?? [])
      .map((range) => range.trim())
      .filter((range) => parseCidr(range) !== null);
    if (this.service.spec.type !== "LoadBalancer" || ranges.length === 0) return external;
    const allowed = ranges.map((range) => `ip saddr ${range} goto ${external}`);
    return this.addChain(`guard/${id}`, [...allowed, "drop"]);
  }

  /** Adds (once) the chain that spreads connections over backends and returns its name. */
  private backendChain(
    { port, protocol, backends }: PortInput,
    scope: keyof BackendChoice,
  ): string {
    const id = this.portId(port);
    const name = `${scope}/${id}`;
    if (this.chains.has(name)) return name;
    const list = backends[scope];
    const rules =
      this.service.spec.sessionAffinity === "ClientIP"
        ? this.affinityRules(list, { id, protocol })
        : [spreadRule(list, protocol)];
    return this.addChain(name, rules);
  }

  private affinityRules(
    backends: readonly Backend[],
    { id, protocol }: { id: string; protocol: number },
  ): readonly string[] {
    const timeoutSeconds =
      this.service.spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? DEFAULT_AFFINITY_SECONDS;
    const targets = backends.map(({ address, port }) => {
      // The time-out is part of the name, because the kernel cannot change that of a set.
      const set = `affinity/${timeoutSeconds}/${id}/${address}/${port}`;
      this.affinitySets.set(set, timeoutSeconds);
      const chain = this.addChain(`endpoint/${id}/${address}/${port}`, [
        // Two rules: a full set must not keep the connection from being made.
        `update @${set} { ip saddr }`,
        `meta l4proto ${protocol} dnat ip to ${address}:${port}`,
      ]);
      return { set, chain };
    });
    const known = targets.map(({ set, chain }) => `ip saddr @${set} goto ${chain}`);
    const fresh = targets.map(({ chain }, at) => `${at} : goto ${chain}`).join(", ");
    return [...known, `numgen random mod ${targets.length} vmap { ${fresh} }`];
  }

  private addChain(name: string, rules: readonly string[]): string {
    this.chains.set(name, chainOf(name, rules));
    return name;
  }

  private portId(port: ServicePort): string {
    const { namespace, name } = this.service.metadata;
    return `${namespace ?? ""}/${name}/${(port.protocol ?? "TCP").toLowerCase()}/${port.port}`;
  }

  private udpFlows({ port, backends }: PortInput): UdpFlows {
    const external = externalAddressesOf(this.service).map(({ address }) => address);
    return {
      addresses: [...clusterIpsOf(this.service), ...external],
      port: port.port,
      nodePort: port.nodePort ?? null,
      backends: backends.cluster.map(({ address }) => address),
    };
  }
}

/** Each connection goes to one of the backends, all with the same chance. */
function spreadRule(backends: readonly Backend[], protocol: number): string {
  const [first] = backends;
  if (backends.length === 1 && first !== undefined)
    return `meta l4proto ${protocol} dnat ip to ${first.address}:${first.port}`;
  const entries = backends.map(({ address, port }, at) => `${at} : ${address} . ${port}`);
  const map = `numgen random mod ${backends.length} map { ${entries.join(", ")} }`;
  return `meta l4proto ${protocol} dnat ip to ${map}`;
}

/**
 * Addresses outside the cluster on which a Service answers; `balanced`: a load balancer's, under
 * its source ranges.
 */
function externalAddressesOf(
  service: Service,
): readonly { readonly address: string; readonly balanced: boolean }[] {
  const external = (service.spec.externalIPs ?? []).map((address) => ({
    address,
    balanced: false,
  }));
  const ingress = service.status?.loadBalancer?.ingress ?? [];
  const balanced = ingress.flatMap(({ ip, ipMode }) =>
    ip === undefined || ipMode === "Proxy" ? [] : [{ address: ip, balanced: true }],
  );
  const isLoadBalancer = service.spec.type === "LoadBalancer";
  return [...external, ...(isLoadBalancer ? balanced : [])].filter(
    ({ address }) => parseAddress(address) !== null,
  );
}
