import type { JsonValue } from "../../../api/schema/wire-types.js";

/**
 * Optional scalars whose zero value differs from their absence. Everywhere else false, 0 and ""
 * mean the same as an absent field, and typed clients drop them when they write back what they
 * read.
 */
const ZERO_IS_A_VALUE: ReadonlySet<string> = new Set([
  "activeDeadlineSeconds",
  "allocateLoadBalancerNodePorts",
  "allowPrivilegeEscalation",
  "automountServiceAccountToken",
  "averageUtilization",
  "backoffLimit",
  "backoffLimitPerIndex",
  "blockOwnerDeletion",
  "completions",
  "controller",
  "defaultMode",
  "enableServiceLinks",
  "expirationSeconds",
  "failedIndexes",
  "failedJobsHistoryLimit",
  "fsGroup",
  "holderIdentity",
  "hostUsers",
  "immutable",
  "leaseDurationSeconds",
  "leaseTransitions",
  "maxFailedIndexes",
  "maxSurge",
  "maxUnavailable",
  "minAvailable",
  "minReplicas",
  "mode",
  "optional",
  "parallelism",
  "partition",
  "priority",
  "privileged",
  "progressDeadlineSeconds",
  "readOnlyRootFilesystem",
  "ready",
  "replicas",
  "revisionHistoryLimit",
  "runAsGroup",
  "runAsNonRoot",
  "runAsUser",
  "serving",
  "setHostnameAsFQDN",
  "shareProcessNamespace",
  "stabilizationWindowSeconds",
  "started",
  "startingDeadlineSeconds",
  "succeededCount",
  "succeededIndexes",
  "successfulJobsHistoryLimit",
  "suspend",
  "terminating",
  "terminationGracePeriodSeconds",
  "timeZone",
  "timeoutSeconds",
  "tolerationSeconds",
  "ttlSecondsAfterFinished",
]);

/** Maps and plain structures whose empty value means the same as their absence. */
const EMPTY_IS_ABSENT: ReadonlySet<string> = new Set([
  "annotations",
  "binaryData",
  "capacity",
  "allocatable",
  "data",
  "labels",
  "limits",
  "loadBalancer",
  "matchLabels",
  "metadata",
  "nodeSelector",
  "overhead",
  "requests",
  "resources",
  "spec",
  "state",
  "lastState",
  "status",
  "strategy",
]);

/**
 * True when two values of one field mean the same to Kubernetes: an empty list, an empty map and
 * the zero value of a plain scalar equal an absent field. `field` is the field's name in its
 * object.
 */
export function semanticEqual(a: unknown, b: unknown, field = ""): boolean {
  if (a === b) return true;
  if (isAbsent(a, field)) return isAbsent(b, field);
  if (isAbsent(b, field)) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => semanticEqual(item, b[index]));
  }
  if (!isRecord(a) || !isRecord(b)) return false;
  for (const key of Object.keys(a)) if (!semanticEqual(a[key], b[key], key)) return false;
  for (const key of Object.keys(b)) {
    if (!Object.hasOwn(a, key) && !isAbsent(b[key], key)) return false;
  }
  return true;
}

function isAbsent(value: unknown, field: string): boolean {
  if (value === undefined || value === null) return true;
  if (value === false || value === 0 || value === "") return !ZERO_IS_A_VALUE.has(field);
  if (Array.isArray(value)) return value.length === 0;
  if (!isRecord(value) || !EMPTY_IS_ABSENT.has(field)) return false;
  return Object.keys(value).every((key) => isAbsent(value[key], key));
}

function isRecord(value: unknown): value is { readonly [key: string]: JsonValue | undefined } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
