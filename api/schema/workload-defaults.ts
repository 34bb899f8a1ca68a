import type { JsonObject, JsonValue } from "./wire-types.js";

type Draft = Record<string, JsonValue | undefined>;
type Rule = (object: JsonObject) => JsonObject;

/** Conditional defaults of jobs, workloads, autoscalers, limits and network policies, by type. */
export const WORKLOAD_RULES: readonly (readonly [typeName: string, rule: Rule])[] = [
  ["apps/v1.StatefulSetUpdateStrategy", defaultStatefulSetStrategy],
  ["apps/v1.StatefulSetSpec", defaultClaimTemplates],
  ["apps/v1.DaemonSetUpdateStrategy", defaultDaemonSetStrategy],
  ["batch/v1.Job", defaultJob],
  ["autoscaling/v2.HorizontalPodAutoscalerSpec", defaultMetrics],
  ["autoscaling/v2.HorizontalPodAutoscalerBehavior", defaultBehavior],
  ["core/v1.LimitRangeItem", defaultLimits],
  ["core/v1.ReplicationController", defaultReplicationController],
  ["networking/v1.NetworkPolicySpec", defaultPolicyTypes],
];

/** Without a type the rolling update is filled in too; with one it stays as it was written. */
function defaultStatefulSetStrategy(strategy: JsonObject): JsonObject {
  const rolling = objectAt(strategy, "rollingUpdate");
  if (strategy.type === undefined)
    return { type: "RollingUpdate", rollingUpdate: { partition: 0, ...rolling } };
  if (strategy.type !== "RollingUpdate" || rolling === null) return strategy;
  if (rolling.partition !== undefined) return strategy;
  return { ...strategy, rollingUpdate: { ...rolling, partition: 0 } };
}

/** Server-side apply needs to know of what kind a claim is. */
function defaultClaimTemplates(spec: JsonObject): JsonObject {
  const claims = spec.volumeClaimTemplates;
  if (!Array.isArray(claims)) return spec;
  const volumeClaimTemplates = (claims as readonly JsonObject[]).map((claim) =>
    claim.kind === undefined || claim.apiVersion === undefined
      ? { ...claim, apiVersion: "v1", kind: "PersistentVolumeClaim" }
      : claim,
  );
  const changed = volumeClaimTemplates.some((claim, index) => claim !== claims[index]);
  return changed ? { ...spec, volumeClaimTemplates } : spec;
}

function defaultDaemonSetStrategy(strategy: JsonObject): JsonObject {
  if (strategy.type !== "RollingUpdate" || strategy.rollingUpdate !== undefined) return strategy;
  return { ...strategy, rollingUpdate: {} };
}

const INT32_MAX = 2_147_483_647;
const BACKOFF_LIMIT = 6;

/** What holds for a Job but not for a CronJob's template, so that templates stay as written. */
function defaultJob(job: JsonObject): JsonObject {
  const before = objectAt(job, "spec");
  if (before === null) return job;
  const spec: Draft = { ...before };
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? BACKOFF_LIMIT : INT32_MAX;
  spec.completionMode ??= "NonIndexed";
  spec.suspend ??= false;
  spec.manualSelector ??= false;
  const hasPolicy = spec.podFailurePolicy !== undefined;
  spec.podReplacementPolicy ??= hasPolicy ? "Failed" : "TerminatingOrFailed";
  return withLabelsOfTemplate({ ...job, spec });
}

function defaultReplicationController(controller: JsonObject): JsonObject {
  const spec = objectAt(controller, "spec");
  const labels = templateLabels(spec);
  if (spec === null || labels === null) return controller;
  const selector = objectAt(spec, "selector") ?? {};
  const selected = Object.keys(selector).length > 0 ? spec : { ...spec, selector: labels };
  return withLabelsOfTemplate({ ...controller, spec: selected });
}

/** An object without labels gets those of its pods. */
function withLabelsOfTemplate(object: JsonObject): JsonObject {
  const labels = templateLabels(objectAt(object, "spec"));
  const metadata = objectAt(object, "metadata");
  if (labels === null || metadata === null) return object;
  if (Object.keys(objectAt(metadata, "labels") ?? {}).length > 0) return object;
  return { ...object, metadata: { ...metadata, labels } };
}

function templateLabels(spec: JsonObject | null): JsonObject | null {
  const template = spec === null ? null : objectAt(spec, "template");
  const metadata = template === null ? null : objectAt(template, "metadata");
  const labels = metadata === null ? null : objectAt(metadata, "labels");
  return labels === null || Object.keys(labels).length === 0 ? null : labels;
}

const CPU_UTILIZATION_PERCENT = 80;

function defaultMetrics(spec: JsonObject): JsonObject {
  if (Array.isArray(spec.metrics) && spec.metrics.length > 0) return spec;
  const target = { type: "Utilization", averageUtilization: CPU_UTILIZATION_PERCENT };
  return { ...spec, metrics: [{ type: "Resource", resource: { name: "cpu", target } }] };
}

/** Rules that are stated in part are completed; an autoscaler that states none has none. */
function defaultBehavior(behavior: JsonObject): JsonObject {
  const up = objectAt(behavior, "scaleUp");
  const down = objectAt(behavior, "scaleDown");
  const double = { type: "Percent", value: 100, periodSeconds: 15 };
  const four = { type: "Pods", value: 4, periodSeconds: 15 };
  const scaleUp = withDefaults(up, {
    stabilizationWindowSeconds: 0,
    selectPolicy: "Max",
    policies: [four, double],
  });
  const scaleDown = withDefaults(down, { selectPolicy: "Max", policies: [double] });
  if (scaleUp === up && scaleDown === down) return behavior;
  return { ...behavior, scaleUp, scaleDown };
}

/** `object` with what it lacks of `defaults`; itself when it lacks nothing. */
function withDefaults(object: JsonObject | null, defaults: JsonObject): JsonObject {
  const lacks = Object.keys(defaults).some((key) => object?.[key] === undefined);
  return object !== null && !lacks ? object : { ...defaults, ...object };
}

/** For containers the maximum is the default limit, and that or the minimum the default request. */
function defaultLimits(item: JsonObject): JsonObject {
  if (item.type !== "Container") return item;
  const fallback = withDefaults(objectAt(item, "default"), objectAt(item, "max") ?? {});
  const defaultRequest = withDefaults(objectAt(item, "defaultRequest"), {
    ...objectAt(item, "min"),
    ...fallback,
  });
  const out: Draft = { ...item };
  if (Object.keys(fallback).length > 0) out.default = fallback;
  if (Object.keys(defaultRequest).length > 0) out.defaultRequest = defaultRequest;
  return out;
}

function defaultPolicyTypes(spec: JsonObject): JsonObject {
  if (Array.isArray(spec.policyTypes) && spec.policyTypes.length > 0) return spec;
  const hasEgress = Array.isArray(spec.egress) && spec.egress.length > 0;
  return { ...spec, policyTypes: hasEgress ? ["Ingress", "Egress"] : ["Ingress"] };
}

function objectAt(object: JsonObject, name: string): JsonObject | null {
  const value = object[name];
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : null;
}
