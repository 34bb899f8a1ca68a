import type { JsonObject } from "../../../api/schema/wire-types.js";
import {
  bad,
  type BadObject,
  banned,
  missing,
  twice,
  unknown,
  wrong,
  withSpec,
  TEXT,
} from "./bad-object.js";

function quota(spec: JsonObject): JsonObject {
  return withSpec("v1", "ResourceQuota", spec);
}

function limits(...items: readonly JsonObject[]): JsonObject {
  return withSpec("v1", "LimitRange", { limits: items });
}

function budget(spec: JsonObject): JsonObject {
  return withSpec("policy/v1", "PodDisruptionBudget", spec);
}

function priority(name: string, fields: JsonObject): JsonObject {
  const apiVersion = "scheduling.k8s.io/v1";
  return { apiVersion, kind: "PriorityClass", metadata: { name }, ...fields };
}

/** ResourceQuotas, LimitRanges, PodDisruptionBudgets and PriorityClasses that are wrong. */
export const BAD_POLICIES: readonly BadObject[] = [
  bad(
    "quota of an unknown resource",
    quota({ hard: { bananas: "1" } }),
    wrong("spec.hard[bananas]", "bananas", "must be a standard resource type or fully qualified"),
    wrong("spec.hard[bananas]", "bananas", "must be a standard resource for quota"),
  ),
  bad(
    "negative quota",
    quota({ hard: { pods: "-1" } }),
    wrong("spec.hard[pods]", "-1", TEXT.negative),
  ),
  bad(
    "quota of half a pod",
    quota({ hard: { pods: "500m" } }),
    wrong("spec.hard[pods]", "500m", "must be an integer"),
  ),
  bad(
    "unknown quota scope",
    quota({ hard: { pods: "1" }, scopes: ["Nice"] }),
    wrong("spec.scopes", ["Nice"], "unsupported scope"),
  ),
  bad(
    "quota scopes that exclude each other",
    quota({ hard: { pods: "1" }, scopes: ["BestEffort", "NotBestEffort"] }),
    wrong("spec.scopes", ["BestEffort", "NotBestEffort"], "conflicting scopes"),
  ),
  bad(
    "memory of pods that use none",
    quota({ hard: { "limits.memory": "1Gi" }, scopes: ["BestEffort"] }),
    wrong("spec.scopes", ["BestEffort"], "unsupported scope applied to resource"),
  ),
  bad(
    "quota selector without values",
    quota({
      hard: { pods: "1" },
      scopeSelector: { matchExpressions: [{ scopeName: "PriorityClass", operator: "In" }] },
    }),
    missing(
      "spec.scopeSelector.matchExpressions.values",
      "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector",
    ),
  ),
  bad(
    "quota selector with values too many",
    quota({
      scopeSelector: {
        matchExpressions: [{ scopeName: "PriorityClass", operator: "Exists", values: ["a"] }],
      },
    }),
    wrong(
      "spec.scopeSelector.matchExpressions.values",
      ["a"],
      "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector",
    ),
  ),
  bad(
    "least above most memory",
    limits({ type: "Container", min: { memory: "2Gi" }, max: { memory: "1Gi" } }),
    wrong("spec.limits[0].min[memory]", "2Gi", "min value 2Gi is greater than max value 1Gi"),
    wrong(
      "spec.limits[0].defaultRequest[memory]",
      "1Gi",
      "min value 2Gi is greater than default request value 1Gi",
    ),
    wrong(
      "spec.limits[0].default[memory]",
      "2Gi",
      "min value 2Gi is greater than default value 1Gi",
    ),
  ),
  bad(
    "default above most",
    limits({ type: "Container", default: { cpu: "2" }, max: { cpu: "1" } }),
    wrong(
      "spec.limits[0].defaultRequest[cpu]",
      "2",
      "default request value 2 is greater than max value 1",
    ),
    wrong("spec.limits[0].default[cpu]", "2", "default value 2 is greater than max value 1"),
  ),
  bad(
    "default request above default limit",
    limits({ type: "Container", defaultRequest: { cpu: "2" }, default: { cpu: "1" } }),
    wrong(
      "spec.limits[0].defaultRequest[cpu]",
      "2",
      "default request value 2 is greater than default limit value 1",
    ),
  ),
  bad(
    "defaults of pods",
    limits({ type: "Pod", default: { cpu: "1" } }),
    banned("spec.limits[0].default", "may not be specified when `type` is 'Pod'"),
  ),
  bad(
    "limits twice",
    limits({ type: "Pod", max: { cpu: "1" } }, { type: "Pod", max: { cpu: "2" } }),
    twice("spec.limits[1].type", "Pod"),
  ),
  bad(
    "claims without a bound",
    limits({ type: "PersistentVolumeClaim" }),
    missing(
      "spec.limits",
      "either minimum or maximum storage value is required, but neither was provided",
    ),
  ),
  bad(
    "ratio that cannot be",
    limits({ type: "Container", maxLimitRequestRatio: { cpu: "500m" } }),
    wrong("spec.limits[0].maxLimitRequestRatio[cpu]", "500m", "ratio 500m is less than 1"),
  ),
  bad(
    "ratio beyond the bounds",
    limits({
      type: "Container",
      min: { cpu: "1" },
      max: { cpu: "2" },
      maxLimitRequestRatio: { cpu: "3" },
    }),
    wrong(
      "spec.limits[0].maxLimitRequestRatio[cpu]",
      "3",
      "ratio 3 is greater than max/min = 2.000000",
    ),
  ),
  bad(
    "budget of both kinds",
    budget({ minAvailable: 1, maxUnavailable: 1 }),
    wrong(
      "spec",
      { minAvailable: 1, maxUnavailable: 1 },
      "minAvailable and maxUnavailable cannot be both set",
    ),
  ),
  bad(
    "negative budget",
    budget({ minAvailable: -1 }),
    wrong("spec.minAvailable", -1, TEXT.negative),
  ),
  bad(
    "budget above the whole",
    budget({ maxUnavailable: "101%" }),
    wrong("spec.maxUnavailable", "101%", "must not be greater than 100%"),
  ),
  bad(
    "budget in words",
    budget({ minAvailable: "some" }),
    wrong(
      "spec.minAvailable",
      "some",
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    ),
  ),
  bad(
    "budget with a bad selector",
    budget({ selector: { matchExpressions: [{ key: "a", operator: "In" }] } }),
    missing(
      "spec.selector.matchExpressions[0].values",
      "must be specified when `operator` is 'In' or 'NotIn'",
    ),
  ),
  bad(
    "unknown eviction policy",
    budget({ unhealthyPodEvictionPolicy: "Never" }),
    unknown("spec.unhealthyPodEvictionPolicy", "Never", "AlwaysAllow", "IfHealthyBudget"),
  ),
  bad(
    "priority above all users'",
    priority("bad", { value: 1000000001 }),
    banned("value", "maximum allowed value of a user defined priority is 1000000000"),
  ),
  bad(
    "priority in the system's name",
    priority("system-mine", { value: 1 }),
    banned(
      "metadata.name",
      "priority class names with 'system-' prefix are reserved for system use only. error: system-mine is not a known system priority class",
    ),
  ),
  bad(
    "system priority of another value",
    priority("system-node-critical", { value: 1 }),
    banned(
      "metadata.name",
      "priority class names with 'system-' prefix are reserved for system use only. error: value of system-node-critical PriorityClass must be 2000001000",
    ),
  ),
  bad(
    "unknown preemption",
    priority("bad", { value: 1, preemptionPolicy: "Always" }),
    unknown("preemptionPolicy", "Always", "PreemptLowerPriority", "Never"),
  ),
  bad(
    "priority with a bad name",
    priority("Bad", { value: 1 }),
    wrong("metadata.name", "Bad", TEXT.subdomain),
  ),
];
