import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { validateDns1123Label } from "../../../api/machinery/names.js";
import { selectorFromObject } from "../../../api/machinery/selectors.js";
import type {
  StatefulSet,
  StatefulSetSpec,
  StatefulSetStatus,
} from "../../../api/schema/types/apps-v1.gen.js";
import type { PodTemplateSpec } from "../../../api/schema/types/core-v1.gen.js";
import { invalidEach, notNegative } from "../common/field-error-builders.js";
import { isEmptySelector, validateLabelSelector } from "../common/label-validation.js";
import { semanticEqual } from "../common/semantic-equal.js";
import {
  countOrPercent,
  validateAtMostAll,
  validateIntOrPercent,
} from "../common/validate-int-or-percent.js";
import { validatePodTemplate } from "../pod/pod-validation.js";
import { validateTemplateLabels } from "./workload-validation.js";
import type { Subresource } from "../strategy.js";
import { validateClaimSpec } from "../volume/claim-template-validation.js";

const MANAGEMENT: readonly string[] = ["OrderedReady", "Parallel"];
const RETENTION: readonly string[] = ["Delete", "Retain"];
const FROZEN_TEXT =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', " +
  "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and " +
  "'minReadySeconds' are forbidden";
const CHANGEABLE = [
  "replicas",
  "ordinals",
  "template",
  "updateStrategy",
  "revisionHistoryLimit",
  "persistentVolumeClaimRetentionPolicy",
  "minReadySeconds",
] as const;

/** Checks a StatefulSet's spec. */
export function validateStatefulSet({ spec }: StatefulSet): FieldError[] {
  const errors: FieldError[] = [];
  const { podManagementPolicy: policy = "", serviceName = "" } = spec;
  const managementPath = "spec.podManagementPolicy";
  if (policy === "") errors.push(required(managementPath));
  else if (!MANAGEMENT.includes(policy))
    errors.push(invalid(managementPath, policy, "must be 'OrderedReady' or 'Parallel'"));
  errors.push(...validateStrategy(spec), ...validateRetention(spec));
  for (const field of ["replicas", "minReadySeconds", "revisionHistoryLimit"] as const)
    errors.push(...notNegative(`spec.${field}`, spec[field]));
  errors.push(...notNegative("spec.ordinals.start", spec.ordinals?.start));
  if (serviceName !== "")
    errors.push(...invalidEach("spec.serviceName", serviceName, validateDns1123Label(serviceName)));
  errors.push(...validateSelector(spec));
  const claims = spec.volumeClaimTemplates ?? [];
  for (const [index, claim] of claims.entries())
    if (claim.spec !== undefined)
      errors.push(...validateClaimSpec(claim.spec, `spec.volumeClaimTemplates[${index}].spec`));
  errors.push(...validatePodTemplate(withClaims(spec), "spec.template"));
  const { restartPolicy = "", activeDeadlineSeconds } = spec.template.spec ?? {};
  if (restartPolicy !== "Always")
    errors.push(notSupported("spec.template.spec.restartPolicy", restartPolicy, ["Always"]));
  if (activeDeadlineSeconds !== undefined) {
    const text = "activeDeadlineSeconds in StatefulSet is not Supported";
    errors.push(forbidden("spec.template.spec.activeDeadlineSeconds", text));
  }
  return errors;
}

/** Checks a change: the selector, the claims and the names stay. */
export function validateStatefulSetUpdate(
  set: StatefulSet,
  old: StatefulSet,
  subresource: Subresource,
): FieldError[] {
  if (subresource === "status") return validateStatus(set.status, old.status);
  const errors = validateStatefulSet(set);
  if (!semanticEqual(withoutChangeable(set.spec), withoutChangeable(old.spec)))
    errors.push(forbidden("spec", FROZEN_TEXT));
  return errors;
}

function withoutChangeable(spec: StatefulSetSpec): object {
  const rest: Record<string, unknown> = { ...spec };
  for (const field of CHANGEABLE) delete rest[field];
  return rest;
}

function validateStrategy({ updateStrategy }: StatefulSetSpec): FieldError[] {
  const path = "spec.updateStrategy";
  const { type = "", rollingUpdate } = updateStrategy ?? {};
  if (type === "") return [required(path)];
  if (type === "OnDelete") {
    if (rollingUpdate === undefined) return [];
    const text = "only allowed for updateStrategy 'RollingUpdate'";
    return [invalid(`${path}.rollingUpdate`, rollingUpdate, text)];
  }
  if (type !== "RollingUpdate")
    return [invalid(path, updateStrategy, "must be 'RollingUpdate' or 'OnDelete'")];
  const { partition, maxUnavailable } = rollingUpdate ?? {};
  const errors = notNegative(`${path}.rollingUpdate.partition`, partition);
  if (maxUnavailable === undefined) return errors;
  const at = `${path}.rollingUpdate.maxUnavailable`;
  errors.push(...validateIntOrPercent(maxUnavailable, at));
  if (countOrPercent(maxUnavailable) === 0) errors.push(invalid(at, maxUnavailable, "cannot be 0"));
  errors.push(...validateAtMostAll(maxUnavailable, at));
  return errors;
}

function validateRetention(spec: StatefulSetSpec): FieldError[] {
  const policy = spec.persistentVolumeClaimRetentionPolicy;
  if (policy === undefined) return [];
  return (["whenDeleted", "whenScaled"] as const).flatMap((field) => {
    const value = policy[field] ?? "";
    if (RETENTION.includes(value)) return [];
    return [notSupported(`spec.persistentVolumeClaimRetentionPolicy.${field}`, value, RETENTION)];
  });
}

function validateSelector({ selector, template }: StatefulSetSpec): FieldError[] {
  if (selector === undefined)
    return [required("spec.selector"), ...validateTemplateLabels(selector, template)];
  const errors = validateLabelSelector(selector, "spec.selector");
  if (isEmptySelector(selector))
    return [
      ...errors,
      invalid("spec.selector", selector, "empty selector is invalid for statefulset"),
    ];
  const parsed = selectorFromObject(selector);
  if (!parsed.ok) return [...errors, invalid("spec.selector", selector, "")];
  return [...errors, ...validateTemplateLabels(selector, template)];
}

/** The template as its pods will have it: each claim is a volume of its name. */
function withClaims({ template, volumeClaimTemplates = [] }: StatefulSetSpec): PodTemplateSpec {
  if (template.spec === undefined) return template;
  const volumes = template.spec.volumes ?? [];
  const named = new Set(volumes.map(({ name }) => name));
  const claimed = volumeClaimTemplates
    .map(({ metadata }) => metadata.name)
    .filter((name) => !named.has(name))
    .map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  return { ...template, spec: { ...template.spec, volumes: [...volumes, ...claimed] } };
}

const PARTS = ["readyReplicas", "currentReplicas", "updatedReplicas", "availableReplicas"] as const;

function validateStatus(
  status: StatefulSetStatus | undefined,
  old: StatefulSetStatus | undefined,
): FieldError[] {
  const counts = ["replicas", ...PARTS, "observedGeneration", "collisionCount"] as const;
  const errors = counts.flatMap((field) => notNegative(`status.${field}`, status?.[field]));
  const { replicas = 0, readyReplicas = 0, availableReplicas = 0 } = status ?? {};
  for (const field of PARTS) {
    const count = status?.[field] ?? 0;
    if (count > replicas)
      errors.push(invalid(`status.${field}`, count, "cannot be greater than status.replicas"));
  }
  if (availableReplicas > readyReplicas) {
    const text = "cannot be greater than status.readyReplicas";
    errors.push(invalid("status.availableReplicas", availableReplicas, text));
  }
  const before = old?.collisionCount;
  if (before === undefined || (status?.collisionCount ?? -1) >= before) return errors;
  const count = status?.collisionCount ?? 0;
  return [...errors, invalid("status.collisionCount", count, "cannot be decremented")];
}
