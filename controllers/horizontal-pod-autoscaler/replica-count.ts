import { milliValue, parseQuantity } from "../../api/machinery/quantity.js";
import { parseGoDuration } from "../../api/machinery/go-duration.js";
import { parseTimeMs } from "../../api/machinery/time.js";
import type { Container, Pod } from "../../api/schema/types/core-v1.gen.js";
import type { PodMetrics } from "../../api/schema/types/metrics-v1beta1.gen.js";
import { podCondition } from "../common/pod-state.js";

/** What a pod used, in thousandths of the resource's unit. */
export interface PodValue {
  readonly milli: number;
  readonly atMs: number;
  readonly windowMs: number;
}

/** How far from the target is near enough, as shares of it. */
export interface Tolerance {
  readonly up: number;
  readonly down: number;
}

/** What a number of replicas is computed from. */
export interface ReplicaQuestion {
  readonly currentReplicas: number;
  readonly resource: string;
  /** The container that counts; null: all of the pod. */
  readonly container: string | null;
  readonly tolerance: Tolerance;
  readonly pods: readonly Pod[];
  /** By the pod's name. */
  readonly values: ReadonlyMap<string, PodValue>;
  readonly nowMs: number;
}

/** The number of replicas that a metric asks for, or why none can be computed. */
export type ReplicaAnswer =
  | {
      readonly ok: true;
      readonly replicas: number;
      /** The average use of a pod, in thousandths. */
      readonly averageMilli: number;
      /** In percent of what is requested; null: it was not asked for. */
      readonly utilization: number | null;
    }
  | { readonly ok: false; readonly error: string };

/** Readings of CPU this soon after a pod's start say little. Kubernetes' defaults. */
const CPU_INITIALIZATION_MS = 300_000;
const INITIAL_READINESS_DELAY_MS = 30_000;

const NO_PODS = "no pods returned by selector while calculating replica count";
const NO_VALUES = "did not receive metrics for targeted pods (pods might be unready)";

/**
 * What each pod used of the resource, in all its containers or in one of them; in Kubernetes' words
 * why that cannot be told.
 */
export function podValues(
  metrics: readonly PodMetrics[],
  resource: string,
  container: string | null,
): ReadonlyMap<string, PodValue> | string {
  if (metrics.length === 0) return "no metrics returned from resource metrics API";
  const values = new Map<string, PodValue>();
  for (const { metadata, timestamp, window, containers } of metrics) {
    const counted = containers.filter(({ name }) => container === null || name === container);
    if (container !== null && counted.length === 0) {
      const pod = `${metadata.namespace ?? ""}/${metadata.name}`;
      return `container ${container} not present in metrics for pod ${pod}`;
    }
    const amounts = counted.map(({ usage }) => milliOf(usage[resource]));
    if (amounts.length === 0 || amounts.includes(null)) continue;
    const duration = parseGoDuration(window);
    values.set(metadata.name, {
      milli: amounts.reduce<number>((sum, amount) => sum + (amount ?? 0), 0),
      atMs: parseTimeMs(timestamp) ?? 0,
      windowMs: duration.ok ? duration.durationMs : 0,
    });
  }
  return values;
}

/** For a target in percent of what the pods request. */
export function replicasForUtilization(
  question: ReplicaQuestion,
  targetPercent: number,
): ReplicaAnswer {
  const groups = groupPods(question);
  const blocked = blockedBy(question, groups);
  if (blocked !== null) return { ok: false, error: blocked };
  const requests = podRequests(question);
  if (typeof requests === "string") return { ok: false, error: requests };
  const usage = utilizationOf(groups.values, requests, targetPercent);
  if (usage === null) return { ok: false, error: "no metrics returned matched known pods" };
  const assumedHigh = Math.max(100, targetPercent) / 100;
  const replicas = settle(question, groups, {
    ratio: usage.ratio,
    ratioOf: (values) => utilizationOf(values, requests, targetPercent)?.ratio ?? 1,
    // A pod that tells nothing must neither let others be removed nor cause more to be made.
    missing: (name) => (usage.ratio < 1 ? (requests.get(name) ?? 0) * assumedHigh : 0),
  });
  const { averageMilli, utilization } = usage;
  return { ok: true, replicas, averageMilli, utilization };
}

/** For a target as the average amount that each pod uses, in thousandths. */
export function replicasForAverage(question: ReplicaQuestion, targetMilli: number): ReplicaAnswer {
  const groups = groupPods(question);
  const blocked = blockedBy(question, groups);
  if (blocked !== null) return { ok: false, error: blocked };
  const average = averageOf(groups.values);
  const ratio = average / targetMilli;
  const replicas = settle(question, groups, {
    ratio,
    ratioOf: (values) => averageOf(values) / targetMilli,
    missing: () => (ratio < 1 ? targetMilli : 0),
  });
  return { ok: true, replicas, averageMilli: average, utilization: null };
}

interface PodGroups {
  /** Pods whose values count. */
  readonly ready: number;
  readonly unready: readonly string[];
  readonly missing: readonly string[];
  /** Of the pods that are ready. */
  readonly values: ReadonlyMap<string, number>;
}

/** Which pods count, which are not ready yet, and which tell nothing. */
function groupPods(question: ReplicaQuestion): PodGroups {
  const unready: string[] = [];
  const missing: string[] = [];
  const values = new Map<string, number>();
  for (const pod of question.pods) {
    const { name, deletionTimestamp } = pod.metadata;
    const phase = pod.status?.phase;
    if (deletionTimestamp !== undefined || phase === "Failed") continue;
    const value = question.values.get(name);
    if (phase === "Pending") unready.push(name);
    else if (value === undefined) missing.push(name);
    else if (question.resource === "cpu" && isUnready(pod, value, question.nowMs))
      unready.push(name);
    else values.set(name, value.milli);
  }
  return { ready: values.size, unready, missing, values };
}

/** Whether what the pod used of CPU is to be passed over: it may be warming up. */
function isUnready(pod: Pod, value: PodValue, nowMs: number): boolean {
  const ready = podCondition(pod, "Ready");
  const startMs = parseTimeMs(pod.status?.startTime ?? "");
  const changedMs = parseTimeMs(ready?.lastTransitionTime ?? "");
  if (ready === undefined || startMs === null) return true;
  if (startMs + CPU_INITIALIZATION_MS > nowMs) {
    // One whole window must lie behind the last change.
    return ready.status === "False" || value.atMs < (changedMs ?? 0) + value.windowMs;
  }
  // It has never been ready.
  return ready.status === "False" && startMs + INITIAL_READINESS_DELAY_MS > (changedMs ?? 0);
}

function blockedBy(question: ReplicaQuestion, groups: PodGroups): string | null {
  if (question.pods.length === 0) return NO_PODS;
  return groups.values.size === 0 ? NO_VALUES : null;
}

/**
 * From the ratio of use to target to a number: what is near enough changes nothing, and what is
 * unknown is assumed to be such that it dampens the change, never turns it round.
 */
function settle(
  { currentReplicas, tolerance }: ReplicaQuestion,
  groups: PodGroups,
  rule: {
    readonly ratio: number;
    readonly ratioOf: (values: ReadonlyMap<string, number>) => number;
    readonly missing: (name: string) => number;
  },
): number {
  const { ratio } = rule;
  const near = (value: number): boolean => 1 - tolerance.down <= value && value <= 1 + tolerance.up;
  const upWithUnready = groups.unready.length > 0 && ratio > 1;
  if (!upWithUnready && groups.missing.length === 0)
    return near(ratio) ? currentReplicas : Math.ceil(ratio * groups.ready);
  const values = new Map(groups.values);
  if (ratio !== 1) for (const name of groups.missing) values.set(name, rule.missing(name));
  if (upWithUnready) for (const name of groups.unready) values.set(name, 0);
  const assumed = rule.ratioOf(values);
  const turned = (ratio < 1 && assumed > 1) || (ratio > 1 && assumed < 1);
  if (near(assumed) || turned) return currentReplicas;
  const replicas = Math.ceil(assumed * values.size);
  const turns =
    (assumed < 1 && replicas > currentReplicas) || (assumed > 1 && replicas < currentReplicas);
  return turns ? currentReplicas : replicas;
}

/** What each pod requests, in thousandths; in Kubernetes' words what lacks a request. */
function podRequests({
  pods,
  resource,
  container,
}: ReplicaQuestion): ReadonlyMap<string, number> | string {
  const requests = new Map<string, number>();
  for (const { metadata, spec } of pods) {
    let sum = 0;
    for (const each of runningContainers(spec)) {
      if (container !== null && each.name !== container) continue;
      const request = milliOf(each.resources?.requests?.[resource]);
      if (request === null)
        return `missing request for ${resource} in container ${each.name} of Pod ${metadata.name}`;
      sum += request;
    }
    requests.set(metadata.name, sum);
  }
  return requests;
}

/** Those that run as long as the pod does. */
function runningContainers({ containers, initContainers = [] }: Pod["spec"]): readonly Container[] {
  return [...containers, ...initContainers.filter((each) => each.restartPolicy === "Always")];
}

interface Utilization {
  readonly ratio: number;
  readonly utilization: number;
  readonly averageMilli: number;
}

function utilizationOf(
  values: ReadonlyMap<string, number>,
  requests: ReadonlyMap<string, number>,
  targetPercent: number,
): Utilization | null {
  let used = 0;
  let requested = 0;
  let count = 0;
  for (const [name, milli] of values) {
    const request = requests.get(name);
    if (request === undefined) continue;
    used += milli;
    requested += request;
    count += 1;
  }
  if (requested === 0) return null;
  const utilization = Math.trunc((used * 100) / requested);
  const averageMilli = Math.trunc(used / count);
  return { ratio: utilization / targetPercent, utilization, averageMilli };
}

function averageOf(values: ReadonlyMap<string, number>): number {
  const sum = [...values.values()].reduce((total, milli) => total + milli, 0);
  return Math.trunc(sum / values.size);
}

function milliOf(text: string | undefined): number | null {
  const quantity = text === undefined ? null : parseQuantity(text);
  return quantity === null ? null : Number(milliValue(quantity));
}
