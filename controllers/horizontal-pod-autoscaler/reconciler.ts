import type { ApiClient } from "../../api/client/client-types.js";
import type { EventRecorder } from "../../api/client/event-recorder.js";
import { BY_NAMESPACE, type Lister } from "../../api/client/indexer.js";
import { keyOf, type ObjectKey } from "../../api/client/object-key.js";
import { HORIZONTAL_POD_AUTOSCALERS, POD_METRICS } from "../../api/client/resource-types.js";
import { parseLabelSelector, type Selector } from "../../api/machinery/selectors.js";
import type { Scale } from "../../api/schema/types/autoscaling-v1.gen.js";
import type { HorizontalPodAutoscaler } from "../../api/schema/types/autoscaling-v2.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { PodMetrics } from "../../api/schema/types/metrics-v1beta1.gen.js";
import type { Clock } from "../../base/clock.js";
import { messageOf } from "../../base/errors.js";
import { sameJson } from "../common/same-json.js";
import type { Reconciler, Result } from "../controller.js";
import { type AutoscalerHistory, withChange } from "./pace.js";
import { type AutoscalerPlan, planAutoscaler, type WantedCondition } from "./plan.js";
import { nextStatus, type Outcome } from "./status.js";
import { findTargetScale, readScale, writeScale } from "./target-scale.js";

/** What the reconciler works with. */
export interface AutoscalerDeps {
  readonly client: ApiClient;
  readonly autoscalers: Lister<HorizontalPodAutoscaler>;
  /** Indexed BY_NAMESPACE. */
  readonly pods: Lister<Pod>;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

/** kube-controller-manager's --horizontal-pod-autoscaler-sync-period. */
const SYNC_MS = 15_000;

interface Remembered {
  readonly history: AutoscalerHistory;
  /** The pods it scales; null: not known yet. */
  readonly selector: Selector | null;
}

/** Looks at each autoscaler every 15 s and scales its target. */
export class AutoscalerReconciler implements Reconciler {
  private readonly deps: AutoscalerDeps;
  private readonly remembered = new Map<ObjectKey, Remembered>();

  constructor(deps: AutoscalerDeps) {
    this.deps = deps;
  }

  async reconcile(key: ObjectKey, signal: AbortSignal): Promise<Result> {
    const autoscaler = this.deps.autoscalers.get(key);
    if (autoscaler === undefined || autoscaler.metadata.deletionTimestamp !== undefined) {
      this.remembered.delete(key);
      return {};
    }
    const outcome = await this.scale(autoscaler, signal);
    const status = nextStatus(autoscaler, outcome);
    if (!sameJson(status, autoscaler.status)) {
      const options = { subresource: "status", signal } as const;
      await this.deps.client
        .resource(HORIZONTAL_POD_AUTOSCALERS)
        .update({ ...autoscaler, status }, options);
    }
    return { requeueAfterMs: SYNC_MS };
  }

  private async scale(autoscaler: HorizontalPodAutoscaler, signal: AbortSignal): Promise<Outcome> {
    const { client } = this.deps;
    let path: string;
    let scale: Scale;
    try {
      const target = await findTargetScale(client, autoscaler, signal);
      if (!target.ok) return this.noScale(autoscaler, target.error);
      path = target.path;
      scale = await readScale(client, path, signal);
    } catch (error) {
      signal.throwIfAborted();
      return this.noScale(autoscaler, messageOf(error));
    }
    const plan = await this.decide(autoscaler, scale, signal);
    for (const { type, ...note } of plan.events) this.deps.recorder.event(autoscaler, type, note);
    return this.carryOut(autoscaler, { plan, scale, path, signal });
  }

  private noScale(autoscaler: HorizontalPodAutoscaler, error: string): Outcome {
    const reason = "FailedGetScale";
    this.deps.recorder.event(autoscaler, "Warning", { reason, message: error });
    const message = `the HPA controller was unable to get the target's current scale: ${error}`;
    const condition: WantedCondition = { type: "AbleToScale", status: "False", reason, message };
    const nowMs = this.deps.clock.nowMs();
    return { replicas: null, rescaled: false, metrics: null, conditions: [condition], nowMs };
  }

  private async decide(
    autoscaler: HorizontalPodAutoscaler,
    scale: Scale,
    signal: AbortSignal,
  ): Promise<AutoscalerPlan> {
    const key = keyOf(autoscaler);
    const { namespace = "" } = autoscaler.metadata;
    const specReplicas = scale.spec?.replicas ?? 0;
    const text = scale.status?.selector ?? "";
    const parsed = parseLabelSelector(text);
    const selector = parsed.ok && text !== "" ? parsed.selector : null;
    const nowMs = this.deps.clock.nowMs();
    const first = { recommendations: [{ atMs: nowMs, replicas: specReplicas }] };
    const history = this.remembered.get(key)?.history ?? {
      ...first,
      scaledUp: [],
      scaledDown: [],
    };
    this.remembered.set(key, { history, selector });
    const pods =
      selector === null
        ? []
        : this.deps.pods
            .byIndex(BY_NAMESPACE, namespace)
            .filter(({ metadata }) => selector.matches(metadata.labels));
    const metrics = selector === null ? [] : await this.metricsOf(namespace, text, signal);
    const rivals = this.rivalsOf(key, namespace, pods);
    const view = {
      autoscaler,
      scale: { specReplicas, selector: selector === null ? "" : text },
      pods,
      metrics,
      rivals,
      history,
      nowMs: this.deps.clock.nowMs(),
    };
    const plan = planAutoscaler(view);
    this.remembered.set(key, { history: plan.history, selector });
    return plan;
  }

  /** What the pods use; in words why that is not known. */
  private async metricsOf(
    namespace: string,
    labelSelector: string,
    signal: AbortSignal,
  ): Promise<readonly PodMetrics[] | string> {
    try {
      const options = { namespace, labelSelector, signal };
      return (await this.deps.client.resource(POD_METRICS).list(options)).items;
    } catch (error) {
      signal.throwIfAborted();
      return `unable to fetch metrics from resource metrics API: ${messageOf(error)}`;
    }
  }

  /** All autoscalers of these pods, when there are several. */
  private rivalsOf(key: ObjectKey, namespace: string, pods: readonly Pod[]): readonly string[] {
    const others = [...this.remembered].filter(([other, { selector }]) => {
      if (other === key || selector === null || !other.startsWith(`${namespace}/`)) return false;
      return pods.some(({ metadata }) => selector.matches(metadata.labels));
    });
    return others.length === 0 ? [] : [key, ...others.map(([other]) => other)].sort();
  }

  private async carryOut(
    autoscaler: HorizontalPodAutoscaler,
    decided: {
      readonly plan: AutoscalerPlan;
      readonly scale: Scale;
      readonly path: string;
      readonly signal: AbortSignal;
    },
  ): Promise<Outcome> {
    const { clock, client, recorder } = this.deps;
    const { plan, scale, path, signal } = decided;
    const current = scale.spec?.replicas ?? 0;
    const { rescale, metrics, conditions } = plan;
    const outcome = { rescaled: false, metrics, conditions, nowMs: clock.nowMs() };
    const stays = { current, desired: current };
    if (rescale === null) return { ...outcome, replicas: stays };
    const { replicas, reason } = rescale;
    const size = `New size: ${replicas}; reason: ${reason}`;
    try {
      await writeScale(client, path, { scale, replicas, signal });
    } catch (error) {
      signal.throwIfAborted();
      const message = `${size}; error: ${messageOf(error)}`;
      recorder.event(autoscaler, "Warning", { reason: "FailedRescale", message });
      const failed = able(
        false,
        "FailedUpdateScale",
        `was unable to update the target scale: ${messageOf(error)}`,
      );
      return { ...outcome, conditions: [...conditions, failed], replicas: stays };
    }
    recorder.event(autoscaler, "Normal", { reason: "SuccessfulRescale", message: size });
    this.remember(autoscaler, { from: current, to: replicas, atMs: clock.nowMs() });
    const text = `was able to update the target scale to ${replicas}`;
    const done = able(true, "SucceededRescale", text);
    return {
      ...outcome,
      rescaled: true,
      conditions: [...conditions, done],
      replicas: { current, desired: replicas },
    };
  }

  /** Only policies ask how much was changed when. */
  private remember(
    autoscaler: HorizontalPodAutoscaler,
    change: { readonly from: number; readonly to: number; readonly atMs: number },
  ): void {
    const key = keyOf(autoscaler);
    const known = this.remembered.get(key);
    if (known === undefined) return;
    this.remembered.set(key, { ...known, history: withChange(known.history, change) });
  }
}

function able(holds: boolean, reason: string, text: string): WantedCondition {
  const message = `the HPA controller ${text}`;
  return { type: "AbleToScale", status: holds ? "True" : "False", reason, message };
}
