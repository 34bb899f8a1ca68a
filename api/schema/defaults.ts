import {
  milliValue,
  formatQuantity,
  parseQuantity,
  quantityFromMilli,
} from "../machinery/quantity.js";
import { withDefaults } from "./custom/custom-values.js";
import { type FieldSchema, type FieldType, typeByName, type TypeSchema } from "./type-schema.js";
import type { JsonObject, JsonValue } from "./wire-types.js";
import { WORKLOAD_RULES } from "./workload-defaults.js";

/**
 * Fills in what Kubernetes fills in for fields a client leaves out. The object must be decoded; the
 * result shares what did not change with it. Applying it twice is the same as once. Every kind with
 * a spec gets one, `{}` at least.
 */
export function applyDefaults<T extends object>(info: { readonly typeName: string }, object: T): T {
  const type = typeByName(info.typeName);
  if (type.custom !== null) {
    return withDefaults(object as unknown as JsonObject, type.custom) as unknown as T;
  }
  let out = object as unknown as JsonObject;
  for (const name of ["metadata", "spec"]) {
    if (out[name] === undefined && type.fieldByName.has(name)) out = { ...out, [name]: {} };
  }
  return defaultMessage(out, type) as unknown as T;
}

/** What there is to do for a type: worked out once. */
interface DefaultingPlan {
  readonly rule: ((object: JsonObject) => JsonObject) | null;
  readonly constants: readonly Constant[];
  /** Fields below which there is something to do. */
  readonly inner: readonly FieldSchema[];
}

interface Constant {
  readonly name: string;
  readonly value: JsonValue;
}

const plans = new Map<TypeSchema, DefaultingPlan>();

function planOf(type: TypeSchema): DefaultingPlan {
  let plan = plans.get(type);
  if (plan === undefined) {
    plan = {
      rule: RULES.get(type.name) ?? null,
      constants: type.fields
        .map((field) => ({ name: field.name, value: constantOf(field) }))
        .filter((constant): constant is Constant => constant.value !== undefined),
      inner: type.fields.filter((field) => needsDefaults(field.type, new Set())),
    };
    plans.set(type, plan);
  }
  return plan;
}

/**
 * What an absent field gets whatever the others say: its default, or when it is required its zero
 * value.
 */
function constantOf(field: FieldSchema): JsonValue | undefined {
  if (field.default !== undefined || !field.required || field.nullable) return field.default;
  const { type } = field;
  if (type.kind !== "scalar") return type.kind === "list" ? [] : {};
  switch (type.scalar) {
    case "string":
    case "bytes":
      return "";
    case "bool":
      return false;
    case "int32":
    case "int64":
    case "double":
    case "IntOrString":
      return 0;
    default:
      // A time, quantity or raw object that is missing stays missing.
      return undefined;
  }
}

function needsDefaults(type: FieldType, seen: Set<TypeSchema>): boolean {
  if (isResourceList(type)) return true;
  if (type.kind === "list" || type.kind === "map") return needsDefaults(type.of, seen);
  if (type.kind === "scalar" || seen.has(type.type)) return false;
  seen.add(type.type);
  if (RULES.has(type.type.name)) return true;
  return type.type.fields.some(
    (field) => constantOf(field) !== undefined || needsDefaults(field.type, seen),
  );
}

/** Outer before inner, as Kubernetes does it: a rule may create what is then filled in. */
function defaultMessage(object: JsonObject, type: TypeSchema): JsonObject {
  const plan = planOf(type);
  let out: Record<string, JsonValue | undefined> | null = null;
  for (const { name, value } of plan.constants) {
    if (object[name] !== undefined) continue;
    out ??= { ...object };
    out[name] = value;
  }
  let current: JsonObject = out ?? object;
  if (plan.rule !== null) {
    current = plan.rule(current);
    out = null;
  }
  for (const field of plan.inner) {
    const before = current[field.name];
    if (before === undefined || before === null) continue;
    const after = defaultValue(before, field.type);
    if (after === before) continue;
    out ??= { ...current };
    out[field.name] = after;
    current = out;
  }
  return current;
}

function defaultValue(value: JsonValue, type: FieldType): JsonValue {
  if (type.kind === "message") return defaultMessage(value as JsonObject, type.type);
  if (type.kind === "list") {
    const list = value as readonly JsonValue[];
    const out = list.map((item) => defaultValue(item, type.of));
    return out.some((item, index) => item !== list[index]) ? out : value;
  }
  if (type.kind === "map" && isResourceList(type)) return roundToMilli(value as JsonObject);
  return value;
}

function isResourceList(type: FieldType): boolean {
  return type.kind === "map" && type.of.kind === "scalar" && type.of.scalar === "Quantity";
}

/** Amounts finer than a thousandth are rounded up to one. */
function roundToMilli(resources: JsonObject): JsonObject {
  let out: Record<string, JsonValue | undefined> | null = null;
  for (const [name, amount] of Object.entries(resources)) {
    if (typeof amount !== "string" || !/[nu]$|e-/.test(amount)) continue;
    const parsed = parseQuantity(amount);
    if (parsed === null) continue;
    out ??= { ...resources };
    out[name] = formatQuantity(quantityFromMilli(milliValue(parsed), parsed.format));
  }
  return out ?? resources;
}

/** Defaults that depend on other fields, by type. */
const RULES: ReadonlyMap<string, (object: JsonObject) => JsonObject> = new Map([
  ["core/v1.Pod", defaultPod],
  ["core/v1.PodSpec", defaultPodSpec],
  ["core/v1.Container", defaultContainer],
  ["core/v1.EphemeralContainer", defaultContainer],
  ["core/v1.Volume", defaultVolume],
  ["core/v1.ServiceSpec", defaultServiceSpec],
  ["core/v1.ServicePort", defaultServicePort],
  ["core/v1.Service", defaultLoadBalancerStatus],
  ["core/v1.Namespace", defaultNamespace],
  ["core/v1.NodeStatus", defaultNodeStatus],
  ["apps/v1.DeploymentStrategy", defaultDeploymentStrategy],
  ["rbac/v1.RoleRef", (ref) => (ref.apiGroup === undefined ? { ...ref, apiGroup: RBAC } : ref)],
  ["rbac/v1.Subject", defaultSubject],
  ["authentication/v1.TokenRequestSpec", defaultTokenRequestSpec],
  ["resource/v1.ExactDeviceRequest", defaultDeviceRequest],
  ["resource/v1.DeviceSubRequest", defaultDeviceRequest],
  ...WORKLOAD_RULES,
]);

const RBAC = "rbac.authorization.k8s.io";

/** Exactly one device, when a request does not say how many. */
function defaultDeviceRequest(request: JsonObject): JsonObject {
  const allocationMode = request.allocationMode ?? "ExactCount";
  const wantsOne = allocationMode === "ExactCount" && request.count === undefined;
  return { ...request, allocationMode, ...(wantsOne ? { count: 1 } : {}) };
}

function defaultSubject(subject: JsonObject): JsonObject {
  const hasGroup = subject.kind === "User" || subject.kind === "Group";
  if (!hasGroup || subject.apiGroup !== undefined) return subject;
  return { ...subject, apiGroup: RBAC };
}

/** One hour, when a request for a token does not say. */
const TOKEN_SECONDS = 3600;

function defaultTokenRequestSpec(spec: JsonObject): JsonObject {
  return spec.expirationSeconds === undefined
    ? { ...spec, expirationSeconds: TOKEN_SECONDS }
    : spec;
}

/** What holds for a Pod but not for a template, so that templates stay as they were written. */
function defaultPod(pod: JsonObject): JsonObject {
  const spec = objectAt(pod, "spec");
  if (spec === null) return pod;
  const hostNetwork = spec.hostNetwork === true;
  const out: Record<string, JsonValue | undefined> = { ...spec };
  out.enableServiceLinks ??= true;
  for (const list of ["containers", "initContainers"]) {
    const containers = listAt(spec, list);
    if (containers === null) continue;
    out[list] = containers.map((container) => {
      const requested = requestLimits(container);
      return hostNetwork ? useHostPorts(requested) : requested;
    });
  }
  return { ...pod, spec: out };
}

/** A container that limits a resource and does not request it, requests the limit. */
function requestLimits(container: JsonObject): JsonObject {
  const resources = objectAt(container, "resources");
  const limits = resources === null ? null : objectAt(resources, "limits");
  if (resources === null || limits === null) return container;
  const requests = { ...limits, ...objectAt(resources, "requests") };
  return { ...container, resources: { ...resources, requests } };
}

/** In the host's network a container port is a port of the host. */
function useHostPorts(container: JsonObject): JsonObject {
  const ports = listAt(container, "ports");
  if (ports === null) return container;
  const out = ports.map((port) =>
    port.hostPort === undefined ? { ...port, hostPort: port.containerPort } : port,
  );
  return { ...container, ports: out };
}

/**
 * serviceAccount is the old name of serviceAccountName: both always say the same, and the new one
 * wins.
 */
function defaultPodSpec(spec: JsonObject): JsonObject {
  const name = spec.serviceAccountName ?? spec.serviceAccount;
  if (name === undefined) return spec;
  if (spec.serviceAccountName === name && spec.serviceAccount === name) return spec;
  return { ...spec, serviceAccountName: name, serviceAccount: name };
}

function defaultContainer(container: JsonObject): JsonObject {
  if (container.imagePullPolicy !== undefined) return container;
  return { ...container, imagePullPolicy: pullPolicyOf(container.image) };
}

function defaultVolume(volume: JsonObject): JsonObject {
  const image = objectAt(volume, "image");
  if (image !== null && image.pullPolicy === undefined)
    return { ...volume, image: { ...image, pullPolicy: pullPolicyOf(image.reference) } };
  return Object.keys(volume).some((key) => key !== "name") ? volume : { ...volume, emptyDir: {} };
}

const PATH_PART = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
const DOMAIN =
  "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?" +
  "(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?";
const IMAGE = new RegExp(
  `^(?:${DOMAIN}/)?${PATH_PART}(?:/${PATH_PART})*` +
    "(?::([\\w][\\w.-]{0,127}))?(@[A-Za-z][\\w+.-]*:[0-9a-fA-F]{32,})?$",
);

/**
 * Always for an image called `latest`, said or meant; what is no image name counts as having
 * another tag.
 */
function pullPolicyOf(image: JsonValue | undefined): "Always" | "IfNotPresent" {
  const match = typeof image === "string" ? IMAGE.exec(image) : null;
  if (match === null) return "IfNotPresent";
  const tag = match[1] ?? (match[2] === undefined ? "latest" : "");
  return tag === "latest" ? "Always" : "IfNotPresent";
}

/** How long a client sticks to its endpoint when nothing is said: three hours. */
const SESSION_AFFINITY_SECONDS = 10800;

function defaultServiceSpec(spec: JsonObject): JsonObject {
  const out: Record<string, JsonValue | undefined> = { ...spec };
  if (spec.sessionAffinity === "None") delete out.sessionAffinityConfig;
  if (spec.sessionAffinity === "ClientIP" && !hasAffinityTimeout(spec))
    out.sessionAffinityConfig = { clientIP: { timeoutSeconds: SESSION_AFFINITY_SECONDS } };
  const onNodes = spec.type === "NodePort" || spec.type === "LoadBalancer";
  const hasExternalIp = spec.type === "ClusterIP" && listAt(spec, "externalIPs") !== null;
  if (onNodes || hasExternalIp) out.externalTrafficPolicy ??= "Cluster";
  if (onNodes || spec.type === "ClusterIP") {
    out.internalTrafficPolicy ??= "Cluster";
    out.ipFamilyPolicy ??= "SingleStack";
  }
  if (spec.type === "LoadBalancer") out.allocateLoadBalancerNodePorts ??= true;
  return out;
}

function hasAffinityTimeout(spec: JsonObject): boolean {
  const config = objectAt(spec, "sessionAffinityConfig");
  const clientIp = config === null ? null : objectAt(config, "clientIP");
  return clientIp?.timeoutSeconds !== undefined;
}

function defaultServicePort(port: JsonObject): JsonObject {
  const target = port.targetPort;
  if (target !== undefined && target !== 0 && target !== "") return port;
  return { ...port, targetPort: port.port };
}

/** An address that a load balancer reports is a virtual IP unless it says otherwise. */
function defaultLoadBalancerStatus(service: JsonObject): JsonObject {
  const status = objectAt(service, "status");
  const balancer = status === null ? null : objectAt(status, "loadBalancer");
  const ingress = balancer === null ? null : listAt(balancer, "ingress");
  if (status === null || balancer === null || ingress === null) return service;
  if (objectAt(service, "spec")?.type !== "LoadBalancer") return service;
  const out = ingress.map((entry) =>
    entry.ip !== undefined && entry.ipMode === undefined ? { ...entry, ipMode: "VIP" } : entry,
  );
  return { ...service, status: { ...status, loadBalancer: { ...balancer, ingress: out } } };
}

const NAMESPACE_NAME_LABEL = "kubernetes.io/metadata.name";

/** Every namespace can be selected by its name. */
function defaultNamespace(namespace: JsonObject): JsonObject {
  const metadata = objectAt(namespace, "metadata");
  const name = metadata?.name;
  if (metadata === null || name === undefined || name === "") return namespace;
  const labels = objectAt(metadata, "labels");
  if (labels?.[NAMESPACE_NAME_LABEL] === name) return namespace;
  const out = { ...labels, [NAMESPACE_NAME_LABEL]: name };
  return { ...namespace, metadata: { ...metadata, labels: out } };
}

function defaultNodeStatus(status: JsonObject): JsonObject {
  if (status.allocatable !== undefined || status.capacity === undefined) return status;
  return { ...status, allocatable: status.capacity };
}

function defaultDeploymentStrategy(strategy: JsonObject): JsonObject {
  if (strategy.type !== "RollingUpdate" || strategy.rollingUpdate !== undefined) return strategy;
  return { ...strategy, rollingUpdate: {} };
}

function objectAt(object: JsonObject, name: string): JsonObject | null {
  const value = object[name];
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : null;
}

/** A list that is not empty. */
function listAt(object: JsonObject, name: string): readonly JsonObject[] | null {
  const value = object[name];
  return Array.isArray(value) && value.length > 0 ? (value as readonly JsonObject[]) : null;
}
