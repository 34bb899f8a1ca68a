import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from "../../../api/schema/types/autoscaling-v2.gen.js";
import { ageOf } from "../common/age.js";
import { AGE_COLUMN, column, NAME_COLUMN } from "../common/table-columns.js";
import type { TableDefinition } from "../strategy.js";

const METRICS_SHOWN_MAX = 2;
const UNKNOWN = "<unknown>";

/** `kubectl get hpa`. */
export const autoscalerTable: TableDefinition<HorizontalPodAutoscaler> = {
  columns: [
    NAME_COLUMN,
    column("Reference", "What is scaled."),
    column("Targets", "The metrics now, and where they should be."),
    column("MinPods", "The least pods."),
    column("MaxPods", "The most pods."),
    column("Replicas", "The pods now.", "integer"),
    AGE_COLUMN,
  ],
  cells: ({ metadata, spec, status }, nowMs) => [
    metadata.name,
    `${spec.scaleTargetRef.kind}/${spec.scaleTargetRef.name}`,
    targetsOf(spec.metrics ?? [], status?.currentMetrics ?? []),
    spec.minReplicas === undefined ? "<unset>" : String(spec.minReplicas),
    String(spec.maxReplicas),
    status?.currentReplicas ?? 0,
    ageOf(metadata.creationTimestamp, nowMs),
  ],
};

function targetsOf(metrics: readonly MetricSpec[], current: readonly MetricStatus[]): string {
  if (metrics.length === 0) return "<none>";
  const shown = metrics
    .slice(0, METRICS_SHOWN_MAX)
    .map((metric, index) => targetOf(metric, current[index]));
  const more = metrics.length - METRICS_SHOWN_MAX;
  return more > 0 ? `${shown.join(", ")} + ${more} more...` : shown.join(", ");
}

function targetOf(metric: MetricSpec, status: MetricStatus | undefined): string {
  const { external, pods, object, resource, containerResource } = metric;
  if (resource !== undefined)
    return `${resource.name}: ${usage(resource.target, status?.resource?.current)}`;
  if (containerResource !== undefined) {
    const current = status?.containerResource?.current;
    return `${containerResource.name}: ${usage(containerResource.target, current)}`;
  }
  if (pods !== undefined)
    return `${status?.pods?.current.averageValue ?? UNKNOWN}/${pods.target.averageValue ?? UNKNOWN}`;
  const source = object ?? external;
  if (source === undefined) return "<unknown type>";
  const current = status?.object?.current ?? status?.external?.current;
  const { averageValue, value } = source.target;
  if (averageValue !== undefined)
    return `${current?.averageValue ?? UNKNOWN}/${averageValue} (avg)`;
  return `${current?.value ?? UNKNOWN}/${value ?? UNKNOWN}`;
}

function usage(target: MetricTarget, current: MetricValueStatus | undefined): string {
  if (target.averageValue !== undefined)
    return `${current?.averageValue ?? UNKNOWN}/${target.averageValue}`;
  const used = current?.averageUtilization;
  const wanted = target.averageUtilization;
  return `${used === undefined ? UNKNOWN : `${used}%`}/${wanted === undefined ? "<auto>" : `${wanted}%`}`;
}
