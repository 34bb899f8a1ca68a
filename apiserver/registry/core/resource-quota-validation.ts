import { type FieldError, invalid, required } from "../../../api/machinery/field-errors.js";
import { validateQualifiedName } from "../../../api/machinery/names.js";
import type {
  ResourceQuota,
  ScopedResourceSelectorRequirement,
} from "../../../api/schema/types/core-v1.gen.js";
import type { Quantity } from "../../../api/schema/wire-types.js";
import { IMMUTABLE, invalidEach } from "../common/field-error-builders.js";
import { semanticEqual } from "../common/semantic-equal.js";
import { validateResourceQuantity } from "../pod/resource-validation.js";
import type { Subresource } from "../strategy.js";

const COMPUTE = ["cpu", "memory", "ephemeral-storage"];
const POD_RESOURCES = new Set([
  "pods",
  ...COMPUTE,
  ...COMPUTE.flatMap((name) => [`requests.${name}`, `limits.${name}`]),
]);
const QUOTA_RESOURCES = new Set([
  ...POD_RESOURCES,
  "persistentvolumeclaims",
  "resourcequotas",
  "services",
  "replicationcontrollers",
  "secrets",
  "configmaps",
  "services.nodeports",
  "services.loadbalancers",
  "requests.storage",
]);
const YES_NO_SCOPES = ["BestEffort", "NotBestEffort", "NotTerminating", "Terminating"];
const SCOPES = new Set([
  ...YES_NO_SCOPES,
  "PriorityClass",
  "CrossNamespacePodAffinity",
  "VolumeAttributesClass",
]);

/** Checks a ResourceQuota. */
export function validateResourceQuota({ spec }: ResourceQuota): FieldError[] {
  const errors = validateAmounts(spec.hard, "spec.hard");
  errors.push(...validateScopes(spec.scopes ?? [], Object.keys(spec.hard ?? {})));
  for (const requirement of spec.scopeSelector?.matchExpressions ?? [])
    errors.push(...validateRequirement(requirement, "spec.scopeSelector.matchExpressions"));
  return errors;
}

/** Checks a change: the scopes stay. */
export function validateResourceQuotaUpdate(
  quota: ResourceQuota,
  old: ResourceQuota,
  subresource: Subresource,
): FieldError[] {
  if (subresource === "status")
    return [
      ...validateAmounts(quota.status?.hard, "status.hard"),
      ...validateAmounts(quota.status?.used, "status.used"),
    ];
  const errors = validateResourceQuota(quota);
  const sorted = (scopes: readonly string[] = []): string[] => [...scopes].sort();
  if (!semanticEqual(sorted(quota.spec.scopes), sorted(old.spec.scopes)))
    errors.push(invalid("spec.scopes", quota.spec.scopes ?? [], IMMUTABLE));
  return errors;
}

function validateAmounts(
  amounts: { readonly [name: string]: Quantity } | undefined,
  path: string,
): FieldError[] {
  return Object.entries(amounts ?? {}).flatMap(([name, amount]) => {
    const at = `${path}[${name}]`;
    return [...validateName(name, at), ...validateResourceQuantity(name, amount, at)];
  });
}

function validateName(name: string, path: string): FieldError[] {
  const errors = invalidEach(path, name, validateQualifiedName(name));
  if (errors.length > 0 || name.includes("/")) return errors;
  if (QUOTA_RESOURCES.has(name) || /^(requests\.)?hugepages-/.test(name)) return [];
  const text = "must be a standard resource";
  return [
    invalid(path, name, `${text} type or fully qualified`),
    invalid(path, name, `${text} for quota`),
  ];
}

function validateScopes(scopes: readonly string[], hard: readonly string[]): FieldError[] {
  const path = "spec.scopes";
  const errors: FieldError[] = [];
  for (const scope of scopes) {
    if (!SCOPES.has(scope)) errors.push(invalid(path, scopes, "unsupported scope"));
    const misfits = hard.filter((name) => QUOTA_RESOURCES.has(name) && !isFor(scope, name));
    for (const _ of misfits)
      errors.push(invalid(path, scopes, "unsupported scope applied to resource"));
  }
  for (const [yes, no] of [
    ["BestEffort", "NotBestEffort"],
    ["Terminating", "NotTerminating"],
  ] as const)
    if (scopes.includes(yes) && scopes.includes(no))
      errors.push(invalid(path, scopes, "conflicting scopes"));
  return errors;
}

/** Whether pods of this scope use the resource: best-effort pods use nothing but themselves. */
function isFor(scope: string, resource: string): boolean {
  if (scope === "BestEffort") return resource === "pods";
  if (scope === "VolumeAttributesClass")
    return resource === "persistentvolumeclaims" || resource === "requests.storage";
  return !SCOPES.has(scope) || POD_RESOURCES.has(resource);
}

function validateRequirement(
  { scopeName, operator, values = [] }: ScopedResourceSelectorRequirement,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (!SCOPES.has(scopeName))
    errors.push(invalid(`${path}.scopeName`, scopeName, "unsupported scope"));
  if (YES_NO_SCOPES.includes(scopeName) && operator !== "Exists") {
    const text =
      "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, " +
      "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort and " +
      "ResourceQuotaScopeNotBestEffort";
    errors.push(invalid(`${path}.operator`, operator, text));
  }
  if (operator === "In" || operator === "NotIn") {
    const text = "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector";
    if (values.length === 0) errors.push(required(`${path}.values`, text));
  } else if (operator === "Exists" || operator === "DoesNotExist") {
    const text = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
    if (values.length > 0) errors.push(invalid(`${path}.values`, values, text));
  } else errors.push(invalid(`${path}.operator`, operator, "not a valid selector operator"));
  return errors;
}
