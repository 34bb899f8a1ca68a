import t from "tap";
import type { HorizontalPodAutoscaler } from "../../api/schema/types/autoscaling-v2.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import type { PodMetrics } from "../../api/schema/types/metrics-v1beta1.gen.js";
import { type AutoscalerView, planAutoscaler } from "./plan.js";
import { nextStatus } from "./status.js";

const NOW_MS = Date.parse("2026-01-02T12:00:00Z");
const CPU_50 = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
};

function pod(name: string): Pod {
  const ready = { type: "Ready", status: "True", lastTransitionTime: "2026-01-02T10:00:01Z" };
  const resources = { requests: { cpu: "1", memory: "100Mi" } };
  return {
    metadata: { name, namespace: "default" },
    spec: { containers: [{ name: "main", resources }] },
    status: { phase: "Running", startTime: "2026-01-02T10:00:00Z", conditions: [ready] },
  } as unknown as Pod;
}
function metricsOf(name: string, cpu: string, memory = "10Mi"): PodMetrics {
  return {
    metadata: { name, namespace: "default" },
    timestamp: "2026-01-02T11:59:55Z",
    window: "10s",
    containers: [{ name: "main", usage: { cpu, memory } }],
  } as unknown as PodMetrics;
}
function view(more: {
  readonly spec?: object;
  readonly current?: number;
  readonly cpu?: string;
  readonly metrics?: readonly PodMetrics[] | string;
  readonly rivals?: readonly string[];
  readonly selector?: string;
}): AutoscalerView {
  const spec = { minReplicas: 1, maxReplicas: 10, metrics: [CPU_50], ...more.spec };
  const current = more.current ?? 2;
  const names = Array.from({ length: current }, (_, i) => `p${i}`);
  return {
    autoscaler: {
      metadata: { name: "web", namespace: "default" },
      spec,
    } as unknown as HorizontalPodAutoscaler,
    scale: { specReplicas: current, selector: more.selector ?? "app=web" },
    pods: names.map(pod),
    metrics: more.metrics ?? names.map((name) => metricsOf(name, more.cpu ?? "500m")),
    rivals: more.rivals ?? [],
    history: { recommendations: [], scaledUp: [], scaledDown: [] },
    nowMs: NOW_MS,
  };
}
const memory = (averageValue: string): object => ({
  type: "Resource",
  resource: { name: "memory", target: { type: "AverageValue", averageValue } },
});

t.test("more is used than aimed for", (t) => {
  const plan = planAutoscaler(view({ cpu: "900m" }));
  t.same(plan.rescale, {
    replicas: 4,
    reason: "cpu resource utilization (percentage of request) above target",
  });
  t.same(plan.metrics, [
    {
      type: "Resource",
      resource: { name: "cpu", current: { averageValue: "900m", averageUtilization: 90 } },
    },
  ]);
  t.match(plan.conditions, [
    { type: "AbleToScale", status: "True", reason: "ReadyForNewScale" },
    {
      type: "ScalingActive",
      status: "True",
      reason: "ValidMetricFound",
      message:
        "the HPA was able to successfully calculate a replica count from cpu resource " +
        "utilization (percentage of request)",
    },
    { type: "ScalingLimited", status: "False", reason: "DesiredWithinRange" },
  ]);
  t.same(plan.history.recommendations, [{ atMs: NOW_MS, replicas: 4 }]);
  t.end();
});

t.test("less is used, just enough is used, and the bounds", (t) => {
  const cases: readonly (readonly [string, Parameters<typeof view>[0], unknown])[] = [
    ["less", { cpu: "100m", current: 5 }, { replicas: 1, reason: "All metrics below target" }],
    ["enough", { cpu: "500m" }, null],
    [
      "above the maximum",
      { current: 12 },
      { replicas: 10, reason: "Current number of replicas above Spec.MaxReplicas" },
    ],
    [
      "below the minimum",
      { current: 2, spec: { minReplicas: 3 } },
      { replicas: 3, reason: "Current number of replicas below Spec.MinReplicas" },
    ],
    ["switched off", { current: 0 }, null],
    [
      "the metric that asks for the most decides",
      { cpu: "600m", spec: { metrics: [CPU_50, memory("5Mi")] } },
      { replicas: 4, reason: "memory resource above target" },
    ],
    [
      "by container",
      {
        cpu: "900m",
        spec: {
          metrics: [
            {
              type: "ContainerResource",
              containerResource: {
                name: "cpu",
                container: "main",
                target: { type: "Utilization", averageUtilization: 50 },
              },
            },
          ],
        },
      },
      {
        replicas: 4,
        reason: "cpu container resource utilization (percentage of request) above target",
      },
    ],
    [
      "a tolerance of its own",
      {
        cpu: "520m",
        spec: {
          behavior: {
            scaleUp: {
              tolerance: "10m",
              policies: [{ type: "Pods", value: 1, periodSeconds: 15 }],
            },
          },
        },
      },
      { replicas: 3, reason: "cpu resource utilization (percentage of request) above target" },
    ],
  ];
  for (const [says, given, rescale] of cases)
    t.same(planAutoscaler(view(given)).rescale, rescale, says);
  const off = planAutoscaler(view({ current: 0 }));
  t.match(off.conditions[1], { type: "ScalingActive", status: "False", reason: "ScalingDisabled" });
  t.end();
});

t.test("metrics that cannot be had", (t) => {
  const first =
    "failed to get cpu utilization: unable to get metrics for resource cpu: " +
    "no metrics returned from resource metrics API";
  const none = planAutoscaler(view({ metrics: [] }));
  t.equal(none.rescale, null);
  t.same(none.conditions.at(-1), {
    type: "ScalingActive",
    status: "False",
    reason: "FailedGetResourceMetric",
    message: `the HPA was unable to compute the replica count: ${first}`,
  });
  t.same(none.events, [
    { type: "Warning", reason: "FailedGetResourceMetric", message: first },
    {
      type: "Warning",
      reason: "FailedComputeMetricsReplicas",
      message:
        "invalid metrics (1 invalid out of 1), first error is: " +
        `failed to get cpu resource metric value: ${first}`,
    },
  ]);
  const external = { type: "External", external: { metric: { name: "queue" }, target: {} } };
  const half = (cpu: string): ReturnType<typeof planAutoscaler> =>
    planAutoscaler(view({ cpu, spec: { metrics: [CPU_50, external] } }));
  t.match(half("900m").rescale, { replicas: 4 }, "one metric is enough to add pods");
  t.equal(half("100m").rescale, null, "but not to remove any");
  t.match(half("100m").conditions.at(-1), { status: "False", reason: "FailedGetExternalMetric" });
  for (const [type, reason] of [
    ["Pods", "FailedGetPodsMetric"],
    ["Object", "FailedGetObjectMetric"],
  ] as const) {
    const spec = { type, [type.toLowerCase()]: { metric: { name: "hits" }, target: {} } };
    const plan = planAutoscaler(view({ spec: { metrics: [spec] } }));
    t.match(plan.events[0], { reason, message: /no custom metrics API .* registered$/ });
  }
  t.end();
});

t.test("pods that cannot be told", (t) => {
  t.match(planAutoscaler(view({ selector: "" })).conditions.at(-1), { reason: "InvalidSelector" });
  const rivals = ["default/other", "default/web"];
  t.match(planAutoscaler(view({ rivals })).conditions.at(-1), {
    reason: "AmbiguousSelector",
    message:
      "pods by selector app=web are controlled by multiple HPAs: [default/other default/web]",
  });
  t.end();
});

t.test("the status keeps what has not changed", (t) => {
  const { autoscaler } = view({});
  const condition = (status: "True" | "False", reason: string) =>
    ({ type: "AbleToScale", status, reason, message: "m" }) as const;
  const outcome = {
    replicas: { current: 2, desired: 4 },
    rescaled: true,
    metrics: [],
    nowMs: NOW_MS,
  };
  const status = nextStatus(autoscaler, { ...outcome, conditions: [condition("True", "a")] });
  t.match(status, {
    currentReplicas: 2,
    desiredReplicas: 4,
    lastScaleTime: "2026-01-02T12:00:00Z",
  });
  const later = { ...outcome, replicas: null, rescaled: false, nowMs: NOW_MS + 60_000 };
  const again = nextStatus(
    { ...autoscaler, status },
    { ...later, conditions: [condition("True", "b"), condition("True", "c")] },
  );
  t.match(again, {
    desiredReplicas: 4,
    lastScaleTime: "2026-01-02T12:00:00Z",
    conditions: [{ reason: "c", lastTransitionTime: "2026-01-02T12:00:00Z" }],
  });
  const changed = { ...later, conditions: [condition("False", "d")] };
  t.match(nextStatus({ ...autoscaler, status: again }, changed).conditions, [
    { status: "False", lastTransitionTime: "2026-01-02T12:01:00Z" },
  ]);
  t.end();
});
