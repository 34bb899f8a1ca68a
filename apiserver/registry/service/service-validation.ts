import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import {
  validateDns1123Label,
  validateDns1123Subdomain,
  validatePortNumber,
  validateQualifiedName,
} from "../../../api/machinery/names.js";
import type { Service, ServicePort, ServiceSpec } from "../../../api/schema/types/core-v1.gen.js";
import { IMMUTABLE, invalidEach } from "../common/field-error-builders.js";
import { validateCidr, validateIp, validateNonSpecialIp } from "../common/ip-validation.js";
import { validateLabels } from "../common/label-validation.js";
import { validatePortNumberOrName } from "../common/port-validation.js";
import { validateProtocol } from "../core/endpoints-validation.js";
import type { Subresource } from "../strategy.js";
import { validateClusterIpChange, validateClusterIps } from "./cluster-ip-validation.js";
import {
  hasClusterIp,
  isExternallyAccessible,
  isHeadless,
  needsHealthCheck,
} from "./service-access.js";

const TYPES: readonly string[] = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const AFFINITIES: readonly string[] = ["ClientIP", "None"];
const TRAFFIC_POLICIES: readonly string[] = ["Cluster", "Local"];
const DISTRIBUTIONS: readonly string[] = ["PreferClose", "PreferSameNode", "PreferSameZone"];
const AFFINITY_SECONDS_MAX = 86_400;
const SOURCE_RANGES = "service.beta.kubernetes.io/load-balancer-source-ranges";
const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'";

/** Checks a service as the client wrote it: what the server gives out may still be missing. */
export function validateService(service: Service): FieldError[] {
  const { spec } = service;
  const errors: FieldError[] = [];
  const ports = spec.ports ?? [];
  if (ports.length === 0 && !isHeadless(spec) && spec.type !== "ExternalName")
    errors.push(required("spec.ports"));
  errors.push(...validateByType(spec));
  const names = new Set<string>();
  for (const [index, port] of ports.entries())
    errors.push(...validatePort(port, { names, many: ports.length > 1, index }));
  errors.push(...validateLabels(spec.selector, "spec.selector"));
  errors.push(...validateAffinity(spec));
  errors.push(...validateClusterIps(spec));
  for (const [index, ip] of (spec.externalIPs ?? []).entries()) {
    const path = `spec.externalIPs[${index}]`;
    const problems = validateIp(ip, path);
    errors.push(...(problems.length > 0 ? problems : validateNonSpecialIp(ip, path)));
  }
  if ((spec.type ?? "") === "") errors.push(required("spec.type"));
  else if (!TYPES.includes(spec.type ?? ""))
    errors.push(notSupported("spec.type", spec.type, TYPES));
  errors.push(...validatePortsTogether(spec), ...validateSourceRanges(service));
  errors.push(...validateLoadBalancerFields(spec), ...validateTraffic(spec));
  return errors;
}

/** Checks a change: given-out addresses stay, except on the way from and to ExternalName. */
export function validateServiceChange(
  service: Service,
  old: Service,
  subresource: Subresource,
): FieldError[] {
  if (subresource === "status") return validateStatus(service);
  const errors = validateClusterIpChange(service.spec, old.spec);
  const { loadBalancerClass } = service.spec;
  const bothBalanced = service.spec.type === "LoadBalancer" && old.spec.type === "LoadBalancer";
  if (bothBalanced && loadBalancerClass !== old.spec.loadBalancerClass) {
    const value = loadBalancerClass ?? null;
    errors.push(invalid("spec.loadBalancerClass", value, "may not change once set"));
  }
  const checked = needsHealthCheck(service.spec) && needsHealthCheck(old.spec);
  if (checked && service.spec.healthCheckNodePort !== old.spec.healthCheckNodePort)
    errors.push(forbidden("spec.healthCheckNodePort", IMMUTABLE));
  errors.push(...validateService(service));
  return errors;
}

function validateByType(spec: ServiceSpec): FieldError[] {
  const { type = "" } = spec;
  if (type === "LoadBalancer" || type === "NodePort") {
    if (!isHeadless(spec)) return [];
    const text = `may not be set to 'None' for ${type} services`;
    return [invalid("spec.clusterIPs[0]", "None", text)];
  }
  if (type !== "ExternalName") return [];
  const errors: FieldError[] = [];
  const text = "may not be set for ExternalName services";
  if ((spec.clusterIPs ?? []).length > 0) errors.push(forbidden("spec.clusterIPs", text));
  if ((spec.ipFamilies ?? []).length > 0) errors.push(forbidden("spec.ipFamilies", text));
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbidden("spec.ipFamilyPolicy", text));
  const name = (spec.externalName ?? "").replace(/\.$/, "");
  if (name === "") errors.push(required("spec.externalName"));
  else errors.push(...invalidEach("spec.externalName", name, validateDns1123Subdomain(name)));
  return errors;
}

function validatePort(
  port: ServicePort,
  { names, many, index }: { names: Set<string>; many: boolean; index: number },
): FieldError[] {
  const path = `spec.ports[${index}]`;
  const { name = "", appProtocol } = port;
  const errors: FieldError[] = [];
  if (name !== "") {
    errors.push(...invalidEach(`${path}.name`, name, validateDns1123Label(name)));
    if (names.has(name)) errors.push(duplicate(`${path}.name`, name));
    names.add(name);
  } else if (many) errors.push(required(`${path}.name`));
  errors.push(...invalidEach(`${path}.port`, port.port, validatePortNumber(port.port)));
  errors.push(...validateProtocol(port.protocol, `${path}.protocol`));
  errors.push(...validatePortNumberOrName(port.targetPort ?? 0, `${path}.targetPort`));
  if (appProtocol !== undefined) {
    const texts = validateQualifiedName(appProtocol);
    errors.push(...invalidEach(`${path}.appProtocol`, appProtocol, texts));
  }
  return errors;
}

function validateAffinity(spec: ServiceSpec): FieldError[] {
  const { sessionAffinity = "", sessionAffinityConfig: config } = spec;
  if (sessionAffinity === "") return [required("spec.sessionAffinity")];
  if (!AFFINITIES.includes(sessionAffinity))
    return [notSupported("spec.sessionAffinity", sessionAffinity, AFFINITIES)];
  const path = "spec.sessionAffinityConfig";
  if (sessionAffinity === "None") {
    const text = "must not be set when session affinity is None";
    return config === undefined ? [] : [forbidden(path, text)];
  }
  const text = "when session affinity type is ClientIP";
  if (config === undefined) return [required(path, text)];
  if (config.clientIP === undefined) return [required(`${path}.clientIP`, text)];
  const { timeoutSeconds } = config.clientIP;
  const at = `${path}.clientIP.timeoutSeconds`;
  if (timeoutSeconds === undefined) return [required(at, text)];
  if (timeoutSeconds > 0 && timeoutSeconds <= AFFINITY_SECONDS_MAX) return [];
  const range = `must be greater than 0 and less than ${AFFINITY_SECONDS_MAX}`;
  return [invalid(at, timeoutSeconds, range)];
}

function validatePortsTogether(spec: ServiceSpec): FieldError[] {
  const ports = spec.ports ?? [];
  const errors: FieldError[] = [];
  const nodePorts = new Set<string>();
  const numbers = new Set<string>();
  for (const [index, { nodePort = 0 }] of ports.entries()) {
    if (spec.type !== "ClusterIP" || nodePort === 0) continue;
    const text = "may not be used when `type` is 'ClusterIP'";
    errors.push(forbidden(`spec.ports[${index}].nodePort`, text));
  }
  for (const [index, { nodePort = 0, protocol = "" }] of ports.entries()) {
    if (nodePort === 0) continue;
    const key = `${protocol}/${nodePort}`;
    if (nodePorts.has(key)) errors.push(duplicate(`spec.ports[${index}].nodePort`, nodePort));
    nodePorts.add(key);
  }
  for (const [index, { port, protocol = "" }] of ports.entries()) {
    const key = `${protocol}/${port}`;
    if (numbers.has(key)) errors.push(duplicate(`spec.ports[${index}]`, { protocol, port }));
    numbers.add(key);
  }
  return errors;
}

function validateSourceRanges({ spec, metadata }: Service): FieldError[] {
  const ranges = spec.loadBalancerSourceRanges ?? [];
  const path = "spec.LoadBalancerSourceRanges"; // With a capital, as Kubernetes answers.
  const balanced = spec.type === "LoadBalancer";
  if (ranges.length > 0)
    return [
      ...(balanced ? [] : [forbidden(path, ONLY_LOAD_BALANCER)]),
      ...ranges.flatMap((range, index) => validateCidr(range.trim(), `${path}[${index}]`)),
    ];
  const annotation = metadata.annotations?.[SOURCE_RANGES];
  if (annotation === undefined) return [];
  const at = `metadata.annotations[${SOURCE_RANGES}]`;
  const list = annotation.trim() === "" ? [] : annotation.trim().split(",");
  return [
    ...(balanced ? [] : [forbidden(at, ONLY_LOAD_BALANCER)]),
    ...list.flatMap((range) => validateCidr(range.trim(), at)),
  ];
}

function validateLoadBalancerFields(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const { allocateLoadBalancerNodePorts: allocate, loadBalancerClass: className } = spec;
  if (spec.type === "LoadBalancer") {
    if (allocate === undefined) errors.push(required("allocateLoadBalancerNodePorts"));
    if (className !== undefined) {
      const texts = validateQualifiedName(className);
      errors.push(...invalidEach("spec.loadBalancerClass", className, texts));
    }
    return errors;
  }
  if (allocate !== undefined)
    errors.push(forbidden("spec.allocateLoadBalancerNodePorts", ONLY_LOAD_BALANCER));
  if (className !== undefined) errors.push(forbidden("spec.loadBalancerClass", ONLY_LOAD_BALANCER));
  return errors;
}

function validateTraffic(spec: ServiceSpec): FieldError[] {
  const errors = validateExternalTraffic(spec);
  const { internalTrafficPolicy: internal, trafficDistribution: distribution } = spec;
  if (internal === undefined) {
    if (hasClusterIp(spec)) errors.push(required("spec.internalTrafficPolicy"));
  } else if (!TRAFFIC_POLICIES.includes(internal))
    errors.push(notSupported("spec.internalTrafficPolicy", internal, TRAFFIC_POLICIES));
  if (distribution !== undefined && !DISTRIBUTIONS.includes(distribution))
    errors.push(notSupported("spec.trafficDistribution", distribution, DISTRIBUTIONS));
  return errors;
}

function validateExternalTraffic(spec: ServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  const { externalTrafficPolicy: policy = "", healthCheckNodePort: port = 0 } = spec;
  const path = "spec.externalTrafficPolicy";
  if (!isExternallyAccessible(spec)) {
    const text = "may only be set for externally-accessible services";
    if (policy !== "") errors.push(invalid(path, policy, text));
  } else if (policy === "") errors.push(required(path));
  else if (!TRAFFIC_POLICIES.includes(policy))
    errors.push(notSupported(path, policy, TRAFFIC_POLICIES));
  if (port === 0) return errors; // Where one is needed, the server gives it out after validation.
  const at = "spec.healthCheckNodePort";
  if (needsHealthCheck(spec)) errors.push(...invalidEach(at, port, validatePortNumber(port)));
  else {
    const text =
      "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'";
    errors.push(invalid(at, port, text));
  }
  return errors;
}

function validateStatus({ status, spec }: Service): FieldError[] {
  const ingress = status?.loadBalancer?.ingress ?? [];
  const path = "status.loadBalancer.ingress";
  if (ingress.length > 0 && spec.type !== "LoadBalancer")
    return [forbidden(path, "may only be used when `spec.type` is 'LoadBalancer'")];
  return ingress.flatMap(({ ip = "", hostname = "", ipMode }, index) => {
    const at = `${path}[${index}]`;
    const errors = ip === "" ? [] : validateIp(ip, `${at}.ip`);
    if (ipMode !== undefined && ip === "")
      errors.push(forbidden(`${at}.ipMode`, "may not be specified when `ip` is not set"));
    else if (ipMode !== undefined && ipMode !== "VIP" && ipMode !== "Proxy")
      errors.push(notSupported(`${at}.ipMode`, ipMode, ["Proxy", "VIP"]));
    if (hostname === "") return errors;
    errors.push(...invalidEach(`${at}.hostname`, hostname, validateDns1123Subdomain(hostname)));
    if (validateIp(hostname, "").length === 0) {
      const text = "must be a DNS name, not an IP address";
      errors.push(invalid(`${at}.hostname`, hostname, text));
    }
    return errors;
  });
}
