import {
  formatQuantity,
  milliValue,
  parseQuantity,
  quantityFromMilli,
} from "../../api/machinery/quantity.js";
import type {
  HorizontalPodAutoscaler,
  MetricSpec,
  MetricStatus,
  MetricTarget,
} from "../../api/schema/types/autoscaling-v2.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { PodMetrics } from "../../api/schema/types/metrics-v1beta1.gen.js";
import { type AutoscalerHistory, paceOf, withRecommendation } from "./pace.js";
import {
  podValues,
  type ReplicaAnswer,
  replicasForAverage,
  replicasForUtilization,
  type Tolerance,
} from "./replica-count.js";

/** The target's scale, as its subresource tells it. */
export interface TargetScale {
  readonly specReplicas: number;
  /** As a text; empty: the target has none. */
  readonly selector: string;
}

/** What a decision rests on. */
export interface AutoscalerView {
  readonly autoscaler: HorizontalPodAutoscaler;
  readonly scale: TargetScale;
  /** Those that the scale selects. */
  readonly pods: readonly Pod[];
  /** Of those pods; a text: why there are none. */
  readonly metrics: readonly PodMetrics[] | string;
  /** Other autoscalers of the same pods, itself included, as namespace/name; empty: none. */
  readonly rivals: readonly string[];
  readonly history: AutoscalerHistory;
  readonly nowMs: number;
}

/** One condition as it shall be. */
export interface WantedCondition {
  readonly type: "AbleToScale" | "ScalingActive" | "ScalingLimited";
  readonly status: "True" | "False";
  readonly reason: string;
  readonly message: string;
}

/** What is told of a decision. */
export interface AutoscalerEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
}

/** What is to be done. */
export interface AutoscalerPlan {
  /** The number of replicas to write, and why; null: nothing is to be changed. */
  readonly rescale: { readonly replicas: number; readonly reason: string } | null;
  readonly conditions: readonly WantedCondition[];
  readonly events: readonly AutoscalerEvent[];
  /** Null: those of the status stay. */
  readonly metrics: readonly MetricStatus[] | null;
  readonly history: AutoscalerHistory;
}

/** kube-controller-manager's --horizontal-pod-autoscaler-tolerance. */
const TOLERANCE = 0.1;

const ABLE: WantedCondition = {
  type: "AbleToScale",
  status: "True",
  reason: "SucceededGetScale",
  message: "the HPA controller was able to get the target's current scale",
};

/** Decides, in the order and the words of Kubernetes' horizontal pod autoscaler. */
export function planAutoscaler(view: AutoscalerView): AutoscalerPlan {
  const { spec } = view.autoscaler;
  const { specReplicas: current } = view.scale;
  const { minReplicas = 1, maxReplicas } = spec;
  const nothing = { rescale: null, events: [], metrics: null, history: view.history };
  if (current === 0 && minReplicas !== 0) {
    const message = "scaling is disabled since the replica count of the target is zero";
    const off = condition("ScalingActive", false, { reason: "ScalingDisabled", message });
    return { ...nothing, conditions: [ABLE, off] };
  }
  const bound = { ...nothing, conditions: [ABLE] };
  if (current > maxReplicas) {
    const reason = "Current number of replicas above Spec.MaxReplicas";
    return { ...bound, rescale: { replicas: maxReplicas, reason } };
  }
  if (current < minReplicas) {
    const reason = "Current number of replicas below Spec.MinReplicas";
    return { ...bound, rescale: { replicas: minReplicas, reason } };
  }
  const proposal = propose(view);
  const { events, metrics } = proposal;
  if (proposal.replicas === null)
    return { ...nothing, conditions: [ABLE, proposal.active], events, metrics };
  return decide(view, { ...proposal, replicas: proposal.replicas });
}

interface Proposal {
  /** Null: there is none. */
  readonly replicas: number | null;
  /** The metric that asks for the most, in words. */
  readonly metric: string;
  readonly metrics: readonly MetricStatus[];
  readonly active: WantedCondition;
  readonly events: readonly AutoscalerEvent[];
}

/** From what the metrics ask for to what is done. */
function decide(
  view: AutoscalerView,
  proposal: Proposal & { readonly replicas: number },
): AutoscalerPlan {
  const { nowMs } = view;
  const { behavior, minReplicas = 1, maxReplicas } = view.autoscaler.spec;
  const { specReplicas: current } = view.scale;
  const { replicas: recommended, active, events, metrics } = proposal;
  const { history } = view;
  const pace = paceOf({
    behavior,
    minReplicas,
    maxReplicas,
    currentReplicas: current,
    recommended,
    history,
    nowMs,
  });
  const reason =
    recommended > current ? `${proposal.metric} above target` : "All metrics below target";
  const conditions = [
    condition("AbleToScale", true, pace.stabilization),
    active,
    condition("ScalingLimited", pace.limit.limited, pace.limit),
  ];
  return {
    rescale: pace.replicas === current ? null : { replicas: pace.replicas, reason },
    conditions,
    events,
    metrics,
    history: withRecommendation(history, { atMs: nowMs, replicas: recommended }),
  };
}

/** The largest number that any of the metrics asks for. */
function propose(view: AutoscalerView): Proposal {
  const failure = selectorFailure(view);
  if (failure !== null) return failure;
  const { metrics: specs = [] } = view.autoscaler.spec;
  const answers = specs.map((spec) => measured(view, spec));
  const valid = answers.filter((answer) => answer.ok);
  const failed = answers.filter((answer) => !answer.ok);
  const metrics = valid.map(({ status }) => status);
  const events = failed.map(({ reason, error }) => warning(reason, error));
  const best = valid.reduce<(typeof valid)[number] | null>(
    (most, answer) => (most === null || answer.replicas > most.replicas ? answer : most),
    null,
  );
  const [first] = failed;
  // What is unknown might ask for more: then nothing is removed.
  const blocked = best === null || (first !== undefined && best.replicas < view.scale.specReplicas);
  if (first !== undefined && blocked) {
    const message = `the HPA was unable to compute the replica count: ${first.error}`;
    const count = `${failed.length} invalid out of ${specs.length}`;
    const summary = `invalid metrics (${count}), first error is: ${first.what}: ${first.error}`;
    const active = condition("ScalingActive", false, { reason: first.reason, message });
    const all = [...events, warning("FailedComputeMetricsReplicas", summary)];
    return { replicas: null, metric: "", metrics, active, events: all };
  }
  const metric = best?.metric ?? "";
  const message = `the HPA was able to successfully calculate a replica count from ${metric}`;
  const active = condition("ScalingActive", true, { reason: "ValidMetricFound", message });
  return { replicas: best?.replicas ?? null, metric, metrics, active, events };
}

function selectorFailure({ scale, rivals }: AutoscalerView): Proposal | null {
  const fail = (reason: string, event: AutoscalerEvent, message: string): Proposal => ({
    replicas: null,
    metric: "",
    metrics: [],
    active: condition("ScalingActive", false, { reason, message }),
    events: [event, warning("FailedComputeMetricsReplicas", event.message)],
  });
  if (scale.selector === "") {
    const event = warning("SelectorRequired", "selector is required");
    return fail("InvalidSelector", event, "the HPA target's scale is missing a selector");
  }
  if (rivals.length === 0) return null;
  const list = rivals.join(" ");
  const message = `pods by selector ${scale.selector} are controlled by multiple HPAs: [${list}]`;
  return fail("AmbiguousSelector", warning("AmbiguousSelector", message), message);
}

type Measured =
  | {
      readonly ok: true;
      readonly replicas: number;
      readonly metric: string;
      readonly status: MetricStatus;
    }
  | {
      readonly ok: false;
      readonly reason: string;
      /** What failed, in words. */
      readonly what: string;
      readonly error: string;
    };

/** What one metric of the spec asks for. */
function measured(view: AutoscalerView, spec: MetricSpec): Measured {
  const { resource, containerResource } = spec;
  if (spec.type === "Resource" && resource !== undefined) {
    const { name, target } = resource;
    const answer = answerOf(view, { resource: name, container: null, target });
    const what = `failed to get ${name} resource metric value`;
    if (!answer.ok) return { ...answer, reason: "FailedGetResourceMetric", what };
    const status = { type: spec.type, resource: { name, current: currentOf(answer, target) } };
    return { ok: true, replicas: answer.replicas, metric: metricName(name, target, ""), status };
  }
  if (spec.type === "ContainerResource" && containerResource !== undefined) {
    const { name, target, container } = containerResource;
    const answer = answerOf(view, { resource: name, container, target });
    const what = `failed to get ${name} container metric value`;
    if (!answer.ok) return { ...answer, reason: "FailedGetContainerResourceMetric", what };
    const current = currentOf(answer, target);
    const status = { type: spec.type, containerResource: { name, container, current } };
    const metric = metricName(name, target, "container ");
    return { ok: true, replicas: answer.replicas, metric, status };
  }
  return unserved(view, spec);
}

interface Asked {
  readonly resource: string;
  readonly container: string | null;
  readonly target: MetricTarget;
}

function answerOf(view: AutoscalerView, { resource, container, target }: Asked): ReplicaAnswer {
  const by = target.averageValue === undefined ? "utilization" : "usage";
  const fail = (error: string): ReplicaAnswer => ({
    ok: false,
    error: `failed to get ${resource} ${by}: ${error}`,
  });
  const values =
    typeof view.metrics === "string" ? view.metrics : podValues(view.metrics, resource, container);
  if (typeof values === "string")
    return fail(`unable to get metrics for resource ${resource}: ${values}`);
  const question = {
    currentReplicas: view.scale.specReplicas,
    resource,
    container,
    tolerance: toleranceOf(view.autoscaler),
    pods: view.pods,
    values,
    nowMs: view.nowMs,
  };
  const averageMilli = milliOf(target.averageValue);
  if (averageMilli !== null) {
    const answer = replicasForAverage(question, averageMilli);
    return answer.ok ? answer : fail(answer.error);
  }
  if (target.averageUtilization === undefined) {
    const error =
      "invalid resource metric source: neither an average utilization target nor an average value (usage) target was set";
    return { ok: false, error };
  }
  const answer = replicasForUtilization(question, target.averageUtilization);
  return answer.ok ? answer : fail(answer.error);
}

/** Metrics of other APIs: nobody serves those here. */
function unserved({ autoscaler }: AutoscalerView, spec: MetricSpec): Measured {
  const none = (kind: string): string =>
    `unable to fetch metrics from ${kind} metrics API: no ${kind} metrics API (${kind}.metrics.k8s.io) registered`;
  const { namespace = "" } = autoscaler.metadata;
  if (spec.type === "External") {
    const name = spec.external?.metric.name ?? "";
    const what = `failed to get ${name} external metric value`;
    const error = `failed to get ${name} external metric: unable to get external metric ${namespace}/${name}: ${none("external")}`;
    return { ok: false, reason: "FailedGetExternalMetric", what, error };
  }
  const isObject = spec.type === "Object";
  const { name } = (isObject ? spec.object : spec.pods)?.metric ?? { name: "" };
  const what = `failed to get ${isObject ? "object" : "pods"} metric value`;
  const error = `unable to get metric ${name}: ${none("custom")}`;
  const reason = isObject ? "FailedGetObjectMetric" : "FailedGetPodsMetric";
  return { ok: false, reason, what, error };
}

function currentOf(
  answer: ReplicaAnswer & { readonly ok: true },
  { averageValue }: MetricTarget,
): { readonly averageValue: string; readonly averageUtilization?: number } {
  const average = formatQuantity(quantityFromMilli(BigInt(answer.averageMilli)));
  if (averageValue !== undefined || answer.utilization === null) return { averageValue: average };
  return { averageValue: average, averageUtilization: answer.utilization };
}

function metricName(resource: string, { averageValue }: MetricTarget, of: string): string {
  if (averageValue !== undefined) return `${resource} ${of}resource`;
  return `${resource} ${of}resource utilization (percentage of request)`;
}

function toleranceOf({ spec: { behavior } }: HorizontalPodAutoscaler): Tolerance {
  const share = (quantity: string | undefined): number => {
    const milli = milliOf(quantity);
    return milli === null ? TOLERANCE : milli / 1000;
  };
  return { up: share(behavior?.scaleUp?.tolerance), down: share(behavior?.scaleDown?.tolerance) };
}

function milliOf(text: string | undefined): number | null {
  const quantity = text === undefined ? null : parseQuantity(text);
  return quantity === null ? null : Number(milliValue(quantity));
}

function condition(
  type: WantedCondition["type"],
  holds: boolean,
  { reason, message }: { readonly reason: string; readonly message: string },
): WantedCondition {
  return { type, status: holds ? "True" : "False", reason, message };
}

function warning(reason: string, message: string): AutoscalerEvent {
  return { type: "Warning", reason, message };
}
