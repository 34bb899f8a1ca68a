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
  validateQualifiedName,
  validateRange,
} from "../../../api/machinery/names.js";
import type {
  Pod,
  PodResourceClaim,
  PodSpec,
  PodTemplateSpec,
} from "../../../api/schema/types/core-v1.gen.js";
import { compareAmounts, showAmount } from "../common/amounts.js";
import { invalidEach } from "../common/field-error-builders.js";
import { validateLabels } from "../common/label-validation.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import { validateAnnotations } from "../common/object-meta.js";
import { validateAffinity } from "./affinity-validation.js";
import { aggregateRequests } from "../../../api/schema/quota/pod-resources.js";
import {
  type ContainerContext,
  validateContainers,
  validateEphemeralContainers,
  validateImageSpace,
  validateInitContainers,
} from "./container-validation.js";
import { validateDns, validateHostnames } from "./dns-validation.js";
import { validatePodAnnotations } from "./pod-annotations-validation.js";
import { validateResources } from "./resource-validation.js";
import {
  validateSchedulingGates,
  validateSpreadConstraints,
  validateTolerations,
} from "./scheduling-validation.js";
import { validateHostUsers, validatePodSecurity } from "./security-context-validation.js";
import { validateVolumes } from "../volume/volume-validation.js";
import { validateHostProcesses, validateOs } from "./windows-validation.js";

const RESTART_POLICIES: readonly string[] = ["Always", "OnFailure", "Never"];
const PREEMPTION_POLICIES: readonly string[] = ["PreemptLowerPriority", "Never"];
const INT32_MAX = 2_147_483_647;

/** Checks a new pod. */
export function validatePod(pod: Pod): FieldError[] {
  const errors = validatePodObject(pod);
  const { ephemeralContainers = [], nodeName = "", schedulingGates = [] } = pod.spec;
  if (ephemeralContainers.length > 0)
    errors.push(forbidden("spec.ephemeralContainers", "cannot be set on create"));
  if (nodeName !== "" && schedulingGates.length > 0) {
    const text = "cannot be set until all schedulingGates have been cleared";
    errors.push(forbidden("spec.nodeName", text));
  }
  return errors;
}

/** Checks all of a pod but its metadata, whether it is new or changed. */
export function validatePodObject(pod: Pod): FieldError[] {
  const { spec, metadata } = pod;
  const errors = validatePodAnnotations(metadata.annotations ?? {}, spec, "metadata.annotations");
  errors.push(...validatePodSpec(spec, "spec", metadata.name));
  for (const [index, { projected }] of (spec.volumes ?? []).entries()) {
    if ((spec.serviceAccountName ?? "") !== "") break;
    for (const [i, { serviceAccountToken: token }] of (projected?.sources ?? []).entries()) {
      if (token === undefined) continue;
      const path = `spec.volumes[${index}].projected.sources[${i}].serviceAccountToken`;
      errors.push(forbidden(path, "must not be specified when serviceAccountName is not set"));
    }
  }
  for (const list of ["containers", "initContainers"] as const)
    for (const [index, container] of (spec[list] ?? []).entries())
      errors.push(...validateImageSpace(container, `spec.${list}[${index}]`));
  return errors;
}

/** Checks the template of a workload. */
export function validatePodTemplate(template: PodTemplateSpec, path: string): FieldError[] {
  const { metadata = {}, spec = { containers: [] } } = template;
  const errors = validateLabels(metadata.labels, `${path}.labels`);
  const at = `${path}.annotations`;
  errors.push(...validateAnnotations(metadata.annotations, at));
  errors.push(...validatePodAnnotations(metadata.annotations ?? {}, spec, at));
  errors.push(...validatePodSpec(spec, `${path}.spec`, null));
  if ((spec.ephemeralContainers ?? []).length > 0) {
    const text = "ephemeral containers not allowed in pod template";
    errors.push(forbidden(`${path}.spec.ephemeralContainers`, text));
  }
  return errors;
}

/** Checks a pod's spec; `podName` is null in a template. */
function validatePodSpec(spec: PodSpec, path: string, podName: string | null): FieldError[] {
  const grace = spec.terminationGracePeriodSeconds;
  const errors = grace === undefined ? [required(`${path}.terminationGracePeriodSeconds`)] : [];
  const volumes = validateVolumes(spec.volumes ?? [], `${path}.volumes`, { podName });
  const claims = spec.resourceClaims ?? [];
  const context: ContainerContext = {
    spec,
    volumes: volumes.known,
    claimNames: new Set(claims.map(({ name }) => name).filter((name) => name !== "")),
    handler: { graceSeconds: grace ?? null, osName: spec.os?.name ?? "" },
  };
  errors.push(...volumes.errors, ...validateClaims(claims, `${path}.resourceClaims`));
  errors.push(...validateContainers(spec.containers, `${path}.containers`, context));
  const { initContainers = [], ephemeralContainers = [] } = spec;
  errors.push(...validateInitContainers(initContainers, `${path}.initContainers`, context));
  const ephemeralPath = `${path}.ephemeralContainers`;
  errors.push(...validateEphemeralContainers(ephemeralContainers, ephemeralPath, context));
  errors.push(...validatePodResources(spec, `${path}.resources`, context.claimNames));
  errors.push(...validateHostNetworkPorts(spec, path, podName !== null));
  errors.push(...validateWords(spec, path), ...validateDns(spec, path));
  errors.push(...validateLabels(spec.nodeSelector, `${path}.nodeSelector`));
  errors.push(...validatePodSecurity(spec, path));
  errors.push(...validateAffinity(spec.affinity, `${path}.affinity`));
  errors.push(...validateReadinessGates(spec, `${path}.readinessGates`));
  errors.push(...validateSchedulingGates(spec.schedulingGates ?? [], `${path}.schedulingGates`));
  const spread = spec.topologySpreadConstraints ?? [];
  errors.push(...validateSpreadConstraints(spread, `${path}.topologySpreadConstraints`));
  errors.push(...validateHostProcesses(spec, path), ...validateHostUsers(spec, path));
  errors.push(...validateReferences(spec, path), ...validateHostnames(spec, path));
  errors.push(...validateTolerations(spec.tolerations ?? [], `${path}.tolerations`));
  const owner = { claimNames: context.claimNames, isPod: false };
  const overhead = { limits: spec.overhead ?? {} };
  errors.push(...validateResources(overhead, `${path}.overhead`, owner), ...validateOs(spec, path));
  return errors;
}

function validateWords(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { restartPolicy = "", preemptionPolicy, activeDeadlineSeconds: deadline } = spec;
  if (restartPolicy === "") errors.push(required(`${path}.restartPolicy`));
  else if (!RESTART_POLICIES.includes(restartPolicy))
    errors.push(notSupported(`${path}.restartPolicy`, restartPolicy, RESTART_POLICIES));
  if (preemptionPolicy === "") errors.push(required(`${path}.preemptionPolicy`));
  else if (preemptionPolicy !== undefined && !PREEMPTION_POLICIES.includes(preemptionPolicy))
    errors.push(notSupported(`${path}.preemptionPolicy`, preemptionPolicy, PREEMPTION_POLICIES));
  if (deadline !== undefined) {
    const texts = validateRange(deadline, 1, INT32_MAX);
    errors.push(...invalidEach(`${path}.activeDeadlineSeconds`, deadline, texts));
  }
  return errors;
}

/** Fields that name another object. */
function validateReferences(spec: PodSpec, path: string): FieldError[] {
  const fields = ["serviceAccountName", "nodeName", "priorityClassName"] as const;
  const errors = fields.flatMap((field) => {
    const name = spec[field] ?? "";
    if (name === "") return [];
    return invalidEach(`${path}.${field}`, name, nameIsDnsSubdomain(name, false));
  });
  const { runtimeClassName: name } = spec;
  if (name === undefined) return errors;
  return [
    ...errors,
    ...invalidEach(`${path}.runtimeClassName`, name, nameIsDnsSubdomain(name, false)),
  ];
}

function validateReadinessGates(spec: PodSpec, path: string): FieldError[] {
  return (spec.readinessGates ?? []).flatMap(({ conditionType: type }, index) =>
    invalidEach(`${path}[${index}].conditionType`, type, validateQualifiedName(type)),
  );
}

/** On the host's network the host's port is the container's; templates may leave it open. */
function validateHostNetworkPorts(spec: PodSpec, path: string, isPod: boolean): FieldError[] {
  if (spec.hostNetwork !== true) return [];
  return spec.containers.flatMap(({ ports = [] }, index) =>
    ports.flatMap(({ hostPort = 0, containerPort }, i) => {
      if (hostPort === containerPort || (hostPort === 0 && !isPod)) return [];
      const text = "must match `containerPort` when `hostNetwork` is true";
      return [invalid(`${path}.containers[${index}].ports[${i}].hostPort`, hostPort, text)];
    }),
  );
}

function validateClaims(claims: readonly PodResourceClaim[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, claim] of claims.entries()) {
    const at = `${path}[${index}]`;
    const { name, resourceClaimName: own, resourceClaimTemplateName: template } = claim;
    if (name === "") errors.push(required(`${at}.name`));
    else if (seen.has(name)) errors.push(duplicate(`${at}.name`, name));
    else errors.push(...invalidEach(`${at}.name`, name, validateDns1123Label(name)));
    seen.add(name);
    const oneOf = "`resourceClaimName` or `resourceClaimTemplateName`";
    if (own !== undefined && template !== undefined)
      errors.push(invalid(at, claim, `at most one of ${oneOf} may be specified`));
    if (own === undefined && template === undefined) {
      const text = "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`";
      errors.push(invalid(at, claim, text));
    }
    for (const [field, value] of Object.entries({
      resourceClaimName: own,
      resourceClaimTemplateName: template,
    })) {
      if (value === undefined) continue;
      errors.push(...invalidEach(`${at}.${field}`, value, nameIsDnsSubdomain(value, false)));
    }
  }
  return errors;
}

/** Checks resources stated for the whole pod: its containers together must fit in. */
function validatePodResources(
  spec: PodSpec,
  path: string,
  claimNames: ReadonlySet<string>,
): FieldError[] {
  const { resources } = spec;
  if (resources === undefined) return [];
  const errors: FieldError[] = [];
  if (resources.claims !== undefined)
    errors.push(forbidden(`${path}.claims`, "claims cannot be set for Resources at pod-level"));
  errors.push(...validateResources(resources, path, { claimNames, isPod: true }));
  for (const [name, total] of Object.entries(aggregateRequests(spec))) {
    const stated = resources.requests?.[name] ?? "0";
    if (compareAmounts(total, stated) <= 0) continue;
    const text = `must be greater than or equal to aggregate container requests of ${total}`;
    errors.push(invalid(`${path}.requests[${name}]`, showAmount(stated), text));
  }
  for (const [index, container] of spec.containers.entries()) {
    for (const [name, limit] of Object.entries(container.resources?.limits ?? {})) {
      const most = resources.limits?.[name];
      if (most === undefined || compareAmounts(limit, most) <= 0) continue;
      const text = `must be less than or equal to pod limits of ${showAmount(most)}`;
      errors.push(invalid(`${path}.containers[${index}][${name}].limits`, showAmount(limit), text));
    }
  }
  return errors;
}
