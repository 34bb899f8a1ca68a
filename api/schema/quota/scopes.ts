import type {
  PersistentVolumeClaim,
  Pod,
  ResourceQuota,
  ScopedResourceSelectorRequirement,
} from "../types/core-v1.gen.js";
import type { KubernetesObject } from "../wire-types.js";
import type { CountedResource } from "./usage.js";

/** True when the quota counts the object: it meets every scope that the quota has. */
export function isInScope(
  { spec }: ResourceQuota,
  of: CountedResource,
  object: KubernetesObject,
): boolean {
  const { scopes = [], scopeSelector } = spec;
  const requirements: ScopedResourceSelectorRequirement[] = [
    ...scopes.map((scopeName) => ({ scopeName, operator: "Exists" })),
    ...(scopeSelector?.matchExpressions ?? []),
  ];
  if (requirements.length === 0) return true;
  if (of.group !== "") return false;
  return requirements.every((requirement) => {
    if (of.resource === "pods") return podMeets(requirement, object as Pod);
    if (of.resource !== "persistentvolumeclaims") return false;
    return claimMeets(requirement, object as PersistentVolumeClaim);
  });
}

function podMeets(requirement: ScopedResourceSelectorRequirement, pod: Pod): boolean {
  const { spec, status } = pod;
  switch (requirement.scopeName) {
    case "Terminating":
      return spec.activeDeadlineSeconds !== undefined;
    case "NotTerminating":
      return spec.activeDeadlineSeconds === undefined;
    case "BestEffort":
      return status?.qosClass === "BestEffort";
    case "NotBestEffort":
      return status?.qosClass !== "BestEffort";
    case "PriorityClass":
      return selects(requirement, spec.priorityClassName ?? "");
    case "CrossNamespacePodAffinity":
      return reachesOtherNamespaces(pod);
    default:
      return false;
  }
}

function claimMeets(
  requirement: ScopedResourceSelectorRequirement,
  claim: PersistentVolumeClaim,
): boolean {
  if (requirement.scopeName !== "VolumeAttributesClass") return false;
  const names = attributesClassesOf(claim);
  if (names.length === 0) return selects(requirement, "");
  return names.some((name) => selects(requirement, name));
}

/** The class that a claim wants, the one that it has, and the one that it is on the way to. */
function attributesClassesOf({ spec, status = {} }: PersistentVolumeClaim): readonly string[] {
  return [
    spec.volumeAttributesClassName,
    status.currentVolumeAttributesClassName,
    status.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ].flatMap((name) => (name === undefined || name === "" ? [] : [name]));
}

function selects(
  { operator, values = [] }: ScopedResourceSelectorRequirement,
  value: string,
): boolean {
  switch (operator) {
    case "Exists":
      return value !== "";
    case "DoesNotExist":
      return value === "";
    case "In":
      return value !== "" && values.includes(value);
    default:
      return !values.includes(value);
  }
}

function reachesOtherNamespaces({ spec }: Pod): boolean {
  const { podAffinity = {}, podAntiAffinity = {} } = spec.affinity ?? {};
  return [podAffinity, podAntiAffinity].some(
    ({
      requiredDuringSchedulingIgnoredDuringExecution: required = [],
      preferredDuringSchedulingIgnoredDuringExecution: preferred = [],
    }) =>
      [...required, ...preferred.map(({ podAffinityTerm }) => podAffinityTerm)].some(
        ({ namespaces = [], namespaceSelector }) =>
          namespaces.length > 0 || namespaceSelector !== undefined,
      ),
  );
}
