import { type FieldError, forbidden, invalid } from "../../api/machinery/field-errors.js";
import type { Service, ServicePort, ServiceSpec } from "../../api/schema/types/core-v1.gen.js";
import { type AddressRange, isAssignable, parseAddress } from "./address-range.js";

export const NODE_PORT_FIRST = 30_000;
export const NODE_PORT_COUNT = 2_768;

/** A value that one Service holds and no other may. */
export interface Claim {
  readonly type: "address" | "port";
  readonly value: string;
  /** True: drawn by the server, so that another may be drawn when it is taken. */
  readonly drawn: boolean;
  /** Where the Service names it, for the message when it is taken. */
  readonly field: string;
}

export interface AllocationPlan {
  readonly service: Service;
  readonly claims: readonly Claim[];
  readonly errors: readonly FieldError[];
}

/** Where values come from that nobody asked for. */
export interface Draws {
  address(): string;
  port(): number;
}

/** Where a Service's address may be from. */
export interface AddressRules {
  readonly ranges: readonly AddressRange[];
  /** What the Service has already; "" when it has none. It may keep it whatever the ranges say. */
  readonly held: string;
}

/**
 * What a Service has to hold: the cluster IP and node ports it names, and drawn ones where it names
 * none. Pure but for the draws it is given.
 */
export function planAllocation(
  service: Service,
  rules: AddressRules,
  draws: Draws,
): AllocationPlan {
  const claims: Claim[] = [];
  const errors: FieldError[] = [];
  const addressed = withAddress(service.spec, { rules, draws, claims, errors });
  const spec = withPorts(addressed, { draws, claims, errors });
  return { service: spec === service.spec ? service : { ...service, spec }, claims, errors };
}

/** All values that a stored Service holds. */
export function claimsOf(service: Service): readonly Claim[] {
  const { clusterIP = "", ports = [], healthCheckNodePort = 0 } = service.spec;
  const claims: Claim[] = [];
  if (isAddress(clusterIP)) claims.push(addressClaim(clusterIP, false));
  const numbers = new Set([...ports.map(({ nodePort }) => nodePort ?? 0), healthCheckNodePort]);
  numbers.delete(0);
  for (const port of numbers)
    claims.push({ type: "port", value: String(port), drawn: false, field: "" });
  return claims;
}

interface Planning {
  readonly draws: Draws;
  readonly claims: Claim[];
  readonly errors: FieldError[];
}

function withAddress(
  spec: ServiceSpec,
  planning: Planning & { readonly rules: AddressRules },
): ServiceSpec {
  if (spec.type === "ExternalName") return spec;
  const { rules, draws, claims, errors } = planning;
  const families: ServiceSpec = {
    ...spec,
    ipFamilies: spec.ipFamilies ?? ["IPv4"],
    ipFamilyPolicy: spec.ipFamilyPolicy ?? "SingleStack",
  };
  errors.push(...familyErrors(families));
  const { clusterIP = "" } = spec;
  if (clusterIP === "None") return { ...families, clusterIPs: ["None"] };
  if (clusterIP === "") {
    const drawn = draws.address();
    claims.push(addressClaim(drawn, true));
    return { ...families, clusterIP: drawn, clusterIPs: [drawn] };
  }
  if (clusterIP !== rules.held && !isIn(rules.ranges, clusterIP)) {
    const text =
      `failed to allocate IP ${clusterIP}: ` +
      `the provided IP (${clusterIP}) is not in the ` +
      `valid range. The range of valid IPs is ${rules.ranges.map(({ cidr }) => cidr).join(", ")}`;
    errors.push(invalid("spec.clusterIPs", [clusterIP], text));
    return families;
  }
  claims.push(addressClaim(clusterIP, false));
  return { ...families, clusterIPs: [clusterIP] };
}

function isIn(ranges: readonly AddressRange[], clusterIp: string): boolean {
  const address = parseAddress(clusterIp);
  return address !== null && ranges.some((range) => isAssignable(range, address));
}

/** The cluster has one family of addresses. */
function familyErrors({ ipFamilies = [], ipFamilyPolicy }: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  for (const [i, family] of ipFamilies.entries()) {
    if (family === "IPv4" || i > 1) continue;
    errors.push(invalid(`spec.ipFamilies[${i}]`, family, "not configured on this cluster"));
  }
  if (ipFamilyPolicy === "RequireDualStack") {
    const text = "this cluster is not configured for dual-stack services";
    errors.push(invalid("spec.ipFamilyPolicy", ipFamilyPolicy, text));
  }
  return errors;
}

function withPorts(spec: ServiceSpec, planning: Planning): ServiceSpec {
  const wanted =
    spec.type === "NodePort" ||
    (spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false);
  const { ports = [] } = spec;
  const external = spec.type === "NodePort" || spec.type === "LoadBalancer";
  if (!external) return spec;
  const holder = new PortHolder(planning);
  for (const [i, port] of ports.entries())
    holder.keep(port.nodePort ?? 0, `spec.ports[${i}].nodePort`);
  const health = withHealthCheckPort(spec, holder);
  if (!wanted) return health;
  return { ...health, ports: ports.map((port) => withNodePort(port, holder)) };
}

function withNodePort(port: ServicePort, holder: PortHolder): ServicePort {
  return (port.nodePort ?? 0) === 0 ? { ...port, nodePort: holder.draw() } : port;
}

function withHealthCheckPort(spec: ServiceSpec, holder: PortHolder): ServiceSpec {
  if (spec.type !== "LoadBalancer" || spec.externalTrafficPolicy !== "Local") return spec;
  const { healthCheckNodePort = 0 } = spec;
  if (healthCheckNodePort === 0) return { ...spec, healthCheckNodePort: holder.draw() };
  holder.keep(healthCheckNodePort, "spec.healthCheckNodePort");
  return spec;
}

/** The node ports of one Service: each number is claimed once, whatever protocols share it. */
class PortHolder {
  private readonly planning: Planning;
  private readonly held = new Set<number>();

  constructor(planning: Planning) {
    this.planning = planning;
  }

  keep(port: number, field: string): void {
    if (port === 0 || this.held.has(port)) return;
    this.held.add(port);
    const { claims, errors } = this.planning;
    if (port < NODE_PORT_FIRST || port >= NODE_PORT_FIRST + NODE_PORT_COUNT) {
      const range = `${NODE_PORT_FIRST}-${NODE_PORT_FIRST + NODE_PORT_COUNT - 1}`;
      const text = `provided port is not in the valid range. The range of valid ports is ${range}`;
      errors.push(invalid(field, port, text));
      return;
    }
    claims.push({ type: "port", value: String(port), drawn: false, field });
  }

  draw(): number {
    for (let attempt = 0; attempt < NODE_PORT_COUNT; attempt += 1) {
      const port = this.planning.draws.port();
      if (this.held.has(port)) continue;
      this.held.add(port);
      this.planning.claims.push({ type: "port", value: String(port), drawn: true, field: "" });
      return port;
    }
    this.planning.errors.push(forbidden("spec.ports", "no node port could be drawn"));
    return 0;
  }
}

function addressClaim(value: string, drawn: boolean): Claim {
  return { type: "address", value, drawn, field: "spec.clusterIPs" };
}

function isAddress(clusterIp: string): boolean {
  return clusterIp !== "" && clusterIp !== "None";
}
