import { formatTime } from "../../api/machinery/time.js";
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerStatus,
  MetricStatus,
} from "../../api/schema/types/autoscaling-v2.gen.js";
import type { WantedCondition } from "./plan.js";

/** What became of a decision. */
export interface Outcome {
  /** Null: the target's scale could not be read, so that the numbers stay. */
  readonly replicas: { readonly current: number; readonly desired: number } | null;
  readonly rescaled: boolean;
  /** Null: those of before stay. */
  readonly metrics: readonly MetricStatus[] | null;
  readonly conditions: readonly WantedCondition[];
  readonly nowMs: number;
}

/** The status after a decision. */
export function nextStatus(
  { metadata, status }: HorizontalPodAutoscaler,
  outcome: Outcome,
): HorizontalPodAutoscalerStatus {
  const { replicas, rescaled, metrics, nowMs } = outcome;
  const now = formatTime(nowMs);
  const { currentMetrics, lastScaleTime, desiredReplicas = 0 } = status ?? {};
  const shown = metrics === null || metrics.length === 0 ? (currentMetrics ?? []) : metrics;
  const scaledAt = rescaled ? now : lastScaleTime;
  return {
    ...(metadata.generation === undefined ? {} : { observedGeneration: metadata.generation }),
    ...(scaledAt === undefined ? {} : { lastScaleTime: scaledAt }),
    currentReplicas: replicas?.current ?? status?.currentReplicas ?? 0,
    desiredReplicas: replicas?.desired ?? desiredReplicas,
    ...(shown.length === 0 ? {} : { currentMetrics: shown }),
    conditions: mergedConditions(status?.conditions ?? [], outcome.conditions, now),
  };
}

/** A condition keeps the time of its last transition as long as its status stays. */
function mergedConditions(
  known: readonly HorizontalPodAutoscalerCondition[],
  wanted: readonly WantedCondition[],
  now: string,
): readonly HorizontalPodAutoscalerCondition[] {
  const merged = new Map(known.map((each) => [each.type, each]));
  for (const { type, status, reason, message } of wanted) {
    const before = merged.get(type);
    const same = before?.status === status && before.lastTransitionTime !== undefined;
    const lastTransitionTime = same ? before.lastTransitionTime : now;
    merged.set(type, { type, status, lastTransitionTime, reason, message });
  }
  return [...merged.values()];
}
