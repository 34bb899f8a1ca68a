import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  notFound,
  notSupported,
  required,
  tooMany,
} from "../../../api/machinery/field-errors.js";
import {
  validateDns1123Label,
  validatePortName,
  validatePortNumber,
} from "../../../api/machinery/names.js";
import type {
  Container,
  ContainerPort,
  ContainerRestartRule,
  EphemeralContainer,
  PodSpec,
} from "../../../api/schema/types/core-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";
import { validateProtocol } from "../core/endpoints-validation.js";
import { validateEnv, validateEnvFrom } from "./env-validation.js";
import { type HandlerContext, validateLifecycle, validateProbe } from "./probe-validation.js";
import { validateResources } from "./resource-validation.js";
import { validateContainerSecurity } from "./security-context-validation.js";
import { validateVolumeDevices, validateVolumeMounts } from "../volume/volume-mount-validation.js";
import { type KnownVolumes, validatePullPolicy } from "../volume/volume-validation.js";

const MESSAGE_POLICIES: readonly string[] = ["File", "FallbackToLogsOnError"];
const RESTART_POLICIES: readonly string[] = ["Always", "Never", "OnFailure"];
const RESIZE_POLICIES: readonly string[] = ["NotRequired", "RestartContainer"];
const RESIZE_RESOURCES: readonly string[] = ["cpu", "memory"];
const RESTART_RULES_MAX = 20;
const EXIT_CODES_MAX = 255;
const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"] as const;

/** What the rules for containers must know of the pod. */
export interface ContainerContext {
  readonly spec: PodSpec;
  readonly volumes: KnownVolumes;
  readonly claimNames: ReadonlySet<string>;
  readonly handler: HandlerContext;
}

/** Checks spec.containers; there must be one. */
export function validateContainers(
  containers: readonly Container[],
  path: string,
  context: ContainerContext,
): FieldError[] {
  if (containers.length === 0) return [required(path)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, container] of containers.entries()) {
    const at = `${path}[${index}]`;
    errors.push(...validateCommon(container, at, context));
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    errors.push(...validateHooks(container, at, context), ...validateRestart(container, at));
  }
  errors.push(...validateHostPorts(containers, path));
  return errors;
}

/** Checks spec.initContainers. Only those that keep running (sidecars) can be probed. */
export function validateInitContainers(
  containers: readonly Container[],
  path: string,
  context: ContainerContext,
): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set(context.spec.containers.map(({ name }) => name));
  for (const [index, container] of containers.entries()) {
    const at = `${path}[${index}]`;
    errors.push(...validateCommon(container, at, context), ...validateRestart(container, at));
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    else if (container.name !== "") names.add(container.name);
    errors.push(...validateHostPorts([container], path));
    if (container.restartPolicy === "Always") {
      errors.push(...validateHooks(container, at, context));
      continue;
    }
    const text = "may not be set for init containers without restartPolicy=Always";
    for (const field of ["lifecycle", ...PROBES] as const)
      if (container[field] !== undefined) errors.push(forbidden(`${at}.${field}`, text));
  }
  return errors;
}

/**
 * What may be set for a debugging container: the rest makes promises that only planned containers
 * can keep.
 */
const EPHEMERAL_FORBIDDEN = [
  "ports",
  "resources",
  "lifecycle",
  ...PROBES,
  "resizePolicy",
  "restartPolicy",
  "restartPolicyRules",
] as const;

/** Checks spec.ephemeralContainers. */
export function validateEphemeralContainers(
  containers: readonly EphemeralContainer[],
  path: string,
  context: ContainerContext,
): FieldError[] {
  const { spec } = context;
  const planned = new Set(
    [...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name),
  );
  const names = new Set(planned);
  const text = "cannot be set for an Ephemeral Container";
  const errors: FieldError[] = [];
  for (const [index, container] of containers.entries()) {
    const at = `${path}[${index}]`;
    errors.push(...validateCommon(container, at, context), ...validateImageSpace(container, at));
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    const { targetContainerName: target = "" } = container;
    if (target !== "" && !planned.has(target))
      errors.push(notFound(`${at}.targetContainerName`, target));
    for (const field of EPHEMERAL_FORBIDDEN)
      if (isSet(container[field])) errors.push(forbidden(`${at}.${field}`, text));
    for (const [i, mount] of (container.volumeMounts ?? []).entries())
      for (const field of ["subPath", "subPathExpr"] as const)
        if ((mount[field] ?? "") !== "")
          errors.push(forbidden(`${at}.volumeMounts[${i}].${field}`, text));
  }
  return errors;
}

/**
 * An image with space around it cannot be meant; templates are spared, because tools fill them in
 * later.
 */
export function validateImageSpace(container: Container, path: string): FieldError[] {
  const { image = "" } = container;
  if (image.trim() === image) return [];
  return [invalid(`${path}.image`, image, "must not have leading or trailing whitespace")];
}

function isSet(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return value !== undefined && value !== null;
}

function validateCommon(
  container: Container,
  path: string,
  context: ContainerContext,
): FieldError[] {
  const { name, terminationMessagePolicy: policy = "" } = container;
  const errors: FieldError[] = [];
  if (name === "") errors.push(required(`${path}.name`));
  else errors.push(...invalidEach(`${path}.name`, name, validateDns1123Label(name)));
  if ((container.image ?? "") === "") errors.push(required(`${path}.image`));
  if (policy === "") errors.push(required(`${path}.terminationMessagePolicy`));
  else if (!MESSAGE_POLICIES.includes(policy))
    errors.push(notSupported(`${path}.terminationMessagePolicy`, policy, MESSAGE_POLICIES));
  const { volumes, claimNames, spec } = context;
  errors.push(...validatePorts(container.ports ?? [], `${path}.ports`));
  errors.push(...validateEnv(container.env ?? [], `${path}.env`, volumes));
  errors.push(...validateEnvFrom(container.envFrom ?? [], `${path}.envFrom`));
  errors.push(...validateVolumeMounts(container, path, volumes));
  errors.push(...validateVolumeDevices(container, path, volumes));
  errors.push(...validatePullPolicy(container.imagePullPolicy ?? "", `${path}.imagePullPolicy`));
  const owner = { claimNames, isPod: false };
  errors.push(...validateResources(container.resources ?? {}, `${path}.resources`, owner));
  errors.push(...validateResizePolicy(container, `${path}.resizePolicy`, spec));
  const hostUsers = spec.hostUsers !== false;
  const at = `${path}.securityContext`;
  errors.push(...validateContainerSecurity(container.securityContext, at, hostUsers));
  return errors;
}

function validateHooks(
  container: Container,
  path: string,
  { handler }: ContainerContext,
): FieldError[] {
  return [
    ...validateLifecycle(container.lifecycle, `${path}.lifecycle`, handler),
    ...PROBES.flatMap((kind) => validateProbe(container[kind], path, { kind, handler })),
  ];
}

function validatePorts(ports: readonly ContainerPort[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  for (const [index, port] of ports.entries()) {
    const at = `${path}[${index}]`;
    const { name = "", containerPort, hostPort = 0 } = port;
    const texts = name === "" ? [] : validatePortName(name);
    errors.push(...invalidEach(`${at}.name`, name, texts));
    if (name !== "" && texts.length === 0) {
      if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
    if (containerPort === 0) errors.push(required(`${at}.containerPort`));
    else {
      const problems = validatePortNumber(containerPort);
      errors.push(...invalidEach(`${at}.containerPort`, containerPort, problems));
    }
    if (hostPort !== 0)
      errors.push(...invalidEach(`${at}.hostPort`, hostPort, validatePortNumber(hostPort)));
    errors.push(...validateProtocol(port.protocol, `${at}.protocol`));
  }
  return errors;
}

function validateHostPorts(containers: readonly Container[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const taken = new Set<string>();
  for (const [index, { ports = [] }] of containers.entries()) {
    for (const [i, { hostPort = 0, hostIP = "", protocol = "" }] of ports.entries()) {
      if (hostPort === 0) continue;
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(key)) errors.push(duplicate(`${path}[${index}].ports[${i}].hostPort`, key));
      taken.add(key);
    }
  }
  return errors;
}

function validateRestart(container: Container, path: string): FieldError[] {
  const { restartPolicy: policy, restartPolicyRules: rules = [] } = container;
  const errors: FieldError[] = [];
  const at = `${path}.restartPolicy`;
  if (policy !== undefined && !RESTART_POLICIES.includes(policy))
    errors.push(notSupported(at, policy, RESTART_POLICIES));
  if (rules.length > 0 && policy === undefined)
    errors.push(required(at, "must specify restartPolicy when restart rules are used"));
  if (rules.length > RESTART_RULES_MAX)
    errors.push(tooMany(`${path}.restartPolicyRules`, rules.length, RESTART_RULES_MAX));
  for (const [index, rule] of rules.entries())
    errors.push(...validateRestartRule(rule, `${path}.restartPolicyRules[${index}]`));
  return errors;
}

function validateRestartRule(
  { action, exitCodes }: ContainerRestartRule,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (action !== "Restart") errors.push(notSupported(`${path}.action`, action, ["Restart"]));
  if (exitCodes === undefined)
    return [...errors, required(`${path}.exitCodes`, "must be specified")];
  const { operator, values = [] } = exitCodes;
  if (operator !== "In" && operator !== "NotIn")
    errors.push(notSupported(`${path}.exitCodes.operator`, operator, ["In", "NotIn"]));
  if (values.length > EXIT_CODES_MAX)
    errors.push(tooMany(`${path}.exitCodes.values`, values.length, EXIT_CODES_MAX));
  return errors;
}

function validateResizePolicy(container: Container, path: string, spec: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, entry] of (container.resizePolicy ?? []).entries()) {
    const { resourceName: name, restartPolicy: policy } = entry;
    if (seen.has(name)) errors.push(duplicate(`${path}[${index}]`, name));
    seen.add(name);
    if (name === "") errors.push(required(path));
    else if (!RESIZE_RESOURCES.includes(name))
      errors.push(notSupported(path, name, RESIZE_RESOURCES));
    if (policy === "") errors.push(required(path));
    else if (!RESIZE_POLICIES.includes(policy))
      errors.push(notSupported(path, policy, RESIZE_POLICIES));
    if (spec.restartPolicy === "Never" && policy !== "NotRequired") {
      const text = "must be 'NotRequired' when `restartPolicy` is 'Never'";
      errors.push(invalid(path, policy, text));
    }
  }
  return errors;
}
