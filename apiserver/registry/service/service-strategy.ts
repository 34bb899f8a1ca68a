import type { Service, ServicePort, ServiceSpec } from "../../../api/schema/types/core-v1.gen.js";
import { nameIsServiceName } from "../common/name-validators.js";
import { withSpecOf, withStatusOf } from "../common/prepare.js";
import type { Strategy } from "../strategy.js";
import { hasClusterIp, isExternallyAccessible, needsHealthCheck } from "./service-access.js";
import { serviceTable } from "./service-table.js";
import { validateService, validateServiceChange } from "./service-validation.js";
import { serviceWarnings } from "./service-warnings.js";

/**
 * Services: what the server allocated (cluster IPs, node ports) survives an update that leaves it
 * out.
 */
export const serviceStrategy: Strategy<Service> = {
  validateName: nameIsServiceName,
  prepareForCreate: (service) => ({
    ...service,
    spec: withBothClusterIps(service.spec, null),
    status: { loadBalancer: {} },
  }),
  prepareForUpdate(service, old, subresource) {
    if (subresource === "status") return withSpecOf(service, old);
    const spec = withBothClusterIps(service.spec, old.spec);
    return withStatusOf({ ...service, spec: forgetByType(keepAllocated(spec, old), old) }, old);
  },
  validate: validateService,
  validateUpdate: validateServiceChange,
  warnings: serviceWarnings,
  allowCreateOnUpdate: true,
  selectableFields: {
    "spec.clusterIP": (service) => service.spec.clusterIP ?? "",
    "spec.type": (service) => service.spec.type ?? "",
  },
  table: serviceTable,
};

/**
 * clusterIP and clusterIPs[0] are one field under two names. A client that knows only the first
 * changes only that one: then the second follows.
 */
function withBothClusterIps(spec: ServiceSpec, old: ServiceSpec | null): ServiceSpec {
  const first = spec.clusterIP ?? "";
  const all = spec.clusterIPs ?? [];
  if (old === null) return first !== "" && all.length === 0 ? setClusterIps(spec, [first]) : spec;
  const oldFirst = old.clusterIP ?? "";
  const listUntouched = sameList(all, old.clusterIPs ?? []);
  if (first !== oldFirst && listUntouched)
    return setClusterIps(spec, first === "" ? [] : [first, ...all.slice(1)].slice(0, 1));
  if (first === oldFirst && first !== "" && all.length === 0 && (old.clusterIPs ?? []).length > 0)
    return spec.clusterIPs === undefined ? setClusterIps(spec, old.clusterIPs ?? []) : spec;
  return first !== "" && all.length === 0 ? setClusterIps(spec, [first]) : spec;
}

function setClusterIps(spec: ServiceSpec, ips: readonly string[]): ServiceSpec {
  const { clusterIPs: _dropped, ...rest } = spec;
  return ips.length === 0 ? rest : { ...rest, clusterIPs: ips };
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

/** Takes over what the server gave out and the client left empty, as long as both types need it. */
function keepAllocated(spec: ServiceSpec, old: Service): ServiceSpec {
  let next = spec;
  if (hasClusterIp(spec) && hasClusterIp(old.spec)) next = keepClusterIps(spec, old.spec);
  if (needsNodePort(spec) && needsNodePort(old.spec))
    next = { ...next, ports: keepNodePorts(next.ports ?? [], old.spec.ports ?? []) };
  const healthCheckNodePort = old.spec.healthCheckNodePort ?? 0;
  if (needsHealthCheck(spec) && needsHealthCheck(old.spec) && healthCheckNodePort !== 0)
    if ((next.healthCheckNodePort ?? 0) === 0) next = { ...next, healthCheckNodePort };
  return next;
}

function keepClusterIps(spec: ServiceSpec, old: ServiceSpec): ServiceSpec {
  const { clusterIP, clusterIPs, ipFamilies, ipFamilyPolicy } = old;
  const next: { -readonly [K in keyof ServiceSpec]: ServiceSpec[K] } = { ...spec };
  if ((spec.clusterIP ?? "") === "" && (spec.clusterIPs ?? []).length === 0) {
    if (clusterIP !== undefined) next.clusterIP = clusterIP;
    if (clusterIPs !== undefined) next.clusterIPs = clusterIPs;
  }
  if ((spec.ipFamilies ?? []).length === 0 && ipFamilies !== undefined)
    next.ipFamilies = ipFamilies;
  if (spec.ipFamilyPolicy === undefined && ipFamilyPolicy !== undefined)
    next.ipFamilyPolicy = ipFamilyPolicy;
  return next;
}

/** Ports that name no node port get the one that the same port (by protocol and number) had. */
function keepNodePorts(
  ports: readonly ServicePort[],
  old: readonly ServicePort[],
): readonly ServicePort[] {
  const taken = new Set(ports.map(({ nodePort }) => nodePort ?? 0));
  return ports.map((port) => {
    if ((port.nodePort ?? 0) !== 0) return port;
    const before = old.find((o) => o.port === port.port && o.protocol === port.protocol);
    const nodePort = before?.nodePort ?? 0;
    if (nodePort === 0 || taken.has(nodePort)) return port;
    taken.add(nodePort);
    return { ...port, nodePort };
  });
}

/**
 * Drops allocated values that the new type has no use for, when the client did not change them
 * itself.
 */
function forgetByType(spec: ServiceSpec, old: Service): ServiceSpec {
  const next: { -readonly [K in keyof ServiceSpec]: ServiceSpec[K] } = { ...spec };
  if (hasClusterIp(old.spec) && !hasClusterIp(spec)) {
    if ((spec.clusterIP ?? "") === (old.spec.clusterIP ?? "")) delete next.clusterIP;
    if (sameList(spec.clusterIPs ?? [], old.spec.clusterIPs ?? [])) delete next.clusterIPs;
    if (sameList(spec.ipFamilies ?? [], old.spec.ipFamilies ?? [])) delete next.ipFamilies;
    if (spec.ipFamilyPolicy === old.spec.ipFamilyPolicy) delete next.ipFamilyPolicy;
  }
  if (needsNodePort(old.spec) && !needsNodePort(spec) && samePorts(spec, old.spec))
    next.ports = (spec.ports ?? []).map(({ nodePort: _dropped, ...port }) => port);
  if (needsHealthCheck(old.spec) && !needsHealthCheck(spec))
    if (spec.healthCheckNodePort === old.spec.healthCheckNodePort) delete next.healthCheckNodePort;
  if (old.spec.type === "LoadBalancer" && spec.type !== "LoadBalancer") {
    if (spec.allocateLoadBalancerNodePorts === old.spec.allocateLoadBalancerNodePorts)
      delete next.allocateLoadBalancerNodePorts;
    if (spec.loadBalancerClass === old.spec.loadBalancerClass) delete next.loadBalancerClass;
  }
  if (isExternallyAccessible(old.spec) && !isExternallyAccessible(spec))
    if (spec.externalTrafficPolicy === old.spec.externalTrafficPolicy)
      delete next.externalTrafficPolicy;
  return next;
}

/**
 * True when no node port differs from the one the same port had: the client did not ask for any.
 */
function samePorts(spec: ServiceSpec, old: ServiceSpec): boolean {
  const known = new Set((old.ports ?? []).map(({ nodePort }) => nodePort ?? 0));
  return (spec.ports ?? []).every(({ nodePort }) => known.has(nodePort ?? 0));
}

function needsNodePort(spec: ServiceSpec): boolean {
  if (spec.type === "NodePort") return true;
  return spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts !== false;
}
