import { applyDefaults } from "../../../api/schema/defaults.js";
import type * as autoscalingV1 from "../../../api/schema/types/autoscaling-v1.gen.js";
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
  MetricSpec,
  MetricStatus,
} from "../../../api/schema/types/autoscaling-v2.gen.js";
import type { StoredMeta } from "../../../api/schema/wire-types.js";
import { behaviorOf, goBehavior } from "./behavior-annotation.js";
import {
  type FlatMetric,
  flatMetric,
  flatStatus,
  metricOf,
  statusOf,
} from "./metric-annotations.js";

const PREFIX = "autoscaling.alpha.kubernetes.io/";
const METRICS = `${PREFIX}metrics`;
const CURRENT_METRICS = `${PREFIX}current-metrics`;
const CONDITIONS = `${PREFIX}conditions`;
const BEHAVIOR = `${PREFIX}behavior`;
const STORED = { typeName: "autoscaling/v2.HorizontalPodAutoscaler" };

/**
 * An autoscaler as autoscaling/v1 shows it: the target for CPU is a field, everything else that v2
 * knows travels in annotations.
 */
export function autoscalerV1Of(
  autoscaler: HorizontalPodAutoscaler,
): autoscalingV1.HorizontalPodAutoscaler {
  const { metadata, spec, status } = autoscaler;
  const metrics = spec.metrics ?? [];
  const cpu = metrics.findIndex(isCpuUtilization);
  const others = metrics.filter((_metric, index) => index !== cpu).map(flatMetric);
  const current = status?.currentMetrics ?? [];
  const currentCpu = current.find(isCpuStatus)?.resource?.current.averageUtilization;
  const annotations: Record<string, string> = { ...withoutOurs(metadata.annotations) };
  if (others.length > 0) annotations[METRICS] = JSON.stringify(others);
  if (spec.behavior !== undefined)
    annotations[BEHAVIOR] = JSON.stringify(goBehavior(spec.behavior));
  if (current.length > 0) annotations[CURRENT_METRICS] = JSON.stringify(current.map(flatStatus));
  if ((status?.conditions ?? []).length > 0)
    annotations[CONDITIONS] = JSON.stringify(status?.conditions);
  const target = metrics[cpu]?.resource?.target.averageUtilization;
  const { metrics: _metrics, behavior: _behavior, ...restSpec } = spec;
  const {
    currentMetrics: _current,
    conditions: _conditions,
    ...restStatus
  } = status ?? {
    desiredReplicas: 0,
  };
  return {
    apiVersion: "autoscaling/v1",
    kind: "HorizontalPodAutoscaler",
    metadata: withAnnotations(metadata, annotations),
    spec: {
      ...restSpec,
      ...(target === undefined ? {} : { targetCPUUtilizationPercentage: target }),
    },
    status: {
      ...restStatus,
      currentReplicas: status?.currentReplicas ?? 0,
      ...(currentCpu === undefined ? {} : { currentCPUUtilizationPercentage: currentCpu }),
    },
  };
}

/** An autoscaler as it is stored. An annotation that is no JSON counts as absent. */
export function autoscalerV2Of(
  autoscaler: autoscalingV1.HorizontalPodAutoscaler,
): HorizontalPodAutoscaler {
  const { metadata, spec, status } = autoscaler;
  const { targetCPUUtilizationPercentage: target, ...restSpec } = spec;
  const { currentCPUUtilizationPercentage: current, ...restStatus } = status ?? {
    currentReplicas: 0,
    desiredReplicas: 0,
  };
  const annotations = metadata.annotations ?? {};
  const others = (read<FlatMetric[]>(annotations[METRICS]) ?? []).map(metricOf);
  const metrics = target === undefined ? others : [cpuMetric(target), ...others];
  const behavior = read<object>(annotations[BEHAVIOR]);
  const conditions = read<HorizontalPodAutoscalerCondition[]>(annotations[CONDITIONS]);
  const currentMetrics = read<FlatMetric[]>(annotations[CURRENT_METRICS])?.map(statusOf);
  const known = currentMetrics ?? (current === undefined ? undefined : [cpuStatus(current)]);
  const stored: HorizontalPodAutoscaler = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: withAnnotations(metadata, withoutOurs(metadata.annotations)),
    spec: {
      ...restSpec,
      ...(metrics.length === 0 ? {} : { metrics }),
      ...(behavior === null ? {} : { behavior: behaviorOf(behavior) }),
    },
    status: {
      ...restStatus,
      ...(known === undefined ? {} : { currentMetrics: known }),
      ...(conditions === null ? {} : { conditions }),
    },
  };
  return applyDefaults(STORED, stored);
}

function isCpuUtilization({ type, resource }: MetricSpec): boolean {
  if (type !== "Resource" || resource?.name !== "cpu") return false;
  return resource.target.averageUtilization !== undefined;
}

function isCpuStatus({ type, resource }: MetricStatus): boolean {
  return type === "Resource" && resource?.name === "cpu";
}

function cpuMetric(averageUtilization: number): MetricSpec {
  const target = { type: "Utilization", averageUtilization };
  return { type: "Resource", resource: { name: "cpu", target } };
}

function cpuStatus(averageUtilization: number): MetricStatus {
  return { type: "Resource", resource: { name: "cpu", current: { averageUtilization } } };
}

function withoutOurs(annotations: StoredMeta["annotations"]): Record<string, string> {
  const ours = new Set([METRICS, CURRENT_METRICS, CONDITIONS, BEHAVIOR]);
  return Object.fromEntries(Object.entries(annotations ?? {}).filter(([key]) => !ours.has(key)));
}

function withAnnotations(metadata: StoredMeta, annotations: Record<string, string>): StoredMeta {
  const { annotations: _before, ...rest } = metadata;
  return Object.keys(annotations).length === 0 ? rest : { ...rest, annotations };
}

function read<T>(text: string | undefined): T | null {
  if (text === undefined) return null;
  try {
    return JSON.parse(text) as T;
  } catch {
    return null;
  }
}
