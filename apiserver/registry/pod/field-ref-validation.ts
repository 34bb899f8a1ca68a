import {
  type FieldError,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { validateQualifiedName } from "../../../api/machinery/names.js";
import type {
  ObjectFieldSelector,
  ResourceFieldSelector,
} from "../../../api/schema/types/core-v1.gen.js";
import { showAmount } from "../common/amounts.js";
import { invalidEach } from "../common/field-error-builders.js";

/** The fields of its own pod that an environment variable may show. */
export const ENV_FIELDS: readonly string[] = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];
/** The fields of its own pod that a file may show. */
export const FILE_FIELDS: readonly string[] = [
  "metadata.annotations",
  "metadata.labels",
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
];
const POD_FIELDS: ReadonlySet<string> = new Set([
  ...ENV_FIELDS,
  ...FILE_FIELDS,
  "spec.restartPolicy",
  "spec.schedulerName",
  "status.phase",
]);
const RESOURCES: readonly string[] = [
  "limits.cpu",
  "limits.ephemeral-storage",
  "limits.memory",
  "requests.cpu",
  "requests.ephemeral-storage",
  "requests.memory",
];
const BYTE_DIVISORS = "1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei";

/** Checks a reference to a field of the pod itself. */
export function validateFieldRef(
  ref: ObjectFieldSelector,
  path: string,
  supported: readonly string[],
): FieldError[] {
  const { apiVersion = "", fieldPath } = ref;
  if (apiVersion === "") return [required(`${path}.apiVersion`)];
  if (fieldPath === "") return [required(`${path}.fieldPath`)];
  const [, base = fieldPath, subscript] = /^(.+)\['(.*)'\]$/.exec(fieldPath) ?? [];
  const problem = conversionError(apiVersion, fieldPath, {
    base,
    subscripted: subscript !== undefined,
  });
  if (problem !== null)
    return [invalid(`${path}.fieldPath`, fieldPath, `error converting fieldPath: ${problem}`)];
  if (subscript !== undefined) {
    const key = base === "metadata.annotations" ? subscript.toLowerCase() : subscript;
    return invalidEach(path, key, validateQualifiedName(key));
  }
  if (supported.includes(fieldPath) || fieldPath === "spec.host") return [];
  return [notSupported(`${path}.fieldPath`, fieldPath, supported)];
}

function conversionError(
  apiVersion: string,
  fieldPath: string,
  { base, subscripted }: { base: string; subscripted: boolean },
): string | null {
  if (apiVersion !== "v1") return `unsupported pod version: ${apiVersion}`;
  if (subscripted) {
    const allowed = base === "metadata.annotations" || base === "metadata.labels";
    return allowed ? null : `field label does not support subscript: ${fieldPath}`;
  }
  const known = POD_FIELDS.has(fieldPath) || fieldPath === "spec.host";
  return known ? null : `field label not supported: ${fieldPath}`;
}

/** Checks a reference to the resources of a container; in a file the container must be named. */
export function validateResourceFieldRef(
  ref: ResourceFieldSelector,
  path: string,
  containerRequired: boolean,
): FieldError[] {
  const { containerName = "", resource, divisor } = ref;
  const errors: FieldError[] = [];
  const isHugePages = /^(requests|limits)\.hugepages-/.test(resource);
  if (containerRequired && containerName === "") errors.push(required(`${path}.containerName`));
  else if (resource === "") errors.push(required(`${path}.resource`));
  else if (!RESOURCES.includes(resource) && !isHugePages)
    errors.push(notSupported(`${path}.resource`, resource, RESOURCES));
  if (divisor !== undefined) errors.push(...validateDivisor(resource, divisor, path));
  return errors;
}

function validateDivisor(resource: string, divisor: string, path: string): FieldError[] {
  const shown = showAmount(divisor);
  if (shown === "0") return [];
  const field = `${path}.divisor`;
  const name = resource.slice(resource.indexOf(".") + 1);
  if (name === "cpu") {
    const text = "only divisor's values 1m and 1 are supported with the cpu resource";
    return shown === "1m" || shown === "1" ? [] : [invalid(field, resource, text)];
  }
  const label = BYTE_RESOURCES.get(name.startsWith("hugepages-") ? "hugepages" : name);
  if (label === undefined || BYTE_DIVISORS.split(", ").includes(shown)) return [];
  const text = `only divisor's values ${BYTE_DIVISORS} are supported with the ${label} resource`;
  return [invalid(field, resource, text)];
}

const BYTE_RESOURCES: ReadonlyMap<string, string> = new Map([
  ["memory", "memory"],
  ["ephemeral-storage", "local ephemeral storage"],
  ["hugepages", "hugepages"],
]);
