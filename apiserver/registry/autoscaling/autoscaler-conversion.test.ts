import t from "tap";
import { applyDefaults } from "../../../api/schema/defaults.js";
import type { HorizontalPodAutoscaler } from "../../../api/schema/types/autoscaling-v2.gen.js";
import { identified } from "../test-objects.js";
import { autoscalerV1Of, autoscalerV2Of } from "./autoscaler-conversion.js";

const PREFIX = "autoscaling.alpha.kubernetes.io/";
const V2 = { typeName: "autoscaling/v2.HorizontalPodAutoscaler" };

function autoscaler(spec: object, status: object = {}): HorizontalPodAutoscaler {
  const object = identified<HorizontalPodAutoscaler>({
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "web", annotations: { mine: "1" } },
    spec: { scaleTargetRef: { kind: "Deployment", name: "web" }, maxReplicas: 5, ...spec },
    status: { desiredReplicas: 2, currentReplicas: 2, ...status },
  });
  return applyDefaults(V2, object);
}

const cpu = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } },
};
const metric = { name: "requests", selector: { matchLabels: { a: "b" } } };

void t.test("what v2 says survives a round through v1", (t) => {
  const cases: readonly (readonly [name: string, object: HorizontalPodAutoscaler])[] = [
    ["nothing but the defaults", autoscaler({})],
    ["cpu", autoscaler({ metrics: [cpu] })],
    [
      "every kind of metric",
      autoscaler({
        metrics: [
          cpu,
          {
            type: "Resource",
            resource: { name: "memory", target: { type: "AverageValue", averageValue: "1Gi" } },
          },
          { type: "Pods", pods: { metric, target: { type: "AverageValue", averageValue: "5" } } },
          {
            type: "Object",
            object: {
              describedObject: { apiVersion: "v1", kind: "Service", name: "web" },
              metric,
              target: { type: "Value", value: "10" },
            },
          },
          {
            type: "External",
            external: { metric, target: { type: "AverageValue", averageValue: "3" } },
          },
          {
            type: "ContainerResource",
            containerResource: {
              name: "cpu",
              container: "c",
              target: { type: "Utilization", averageUtilization: 40 },
            },
          },
        ],
      }),
    ],
    [
      "behavior",
      autoscaler({
        metrics: [cpu],
        behavior: { scaleDown: { stabilizationWindowSeconds: 0, selectPolicy: "Disabled" } },
      }),
    ],
    [
      "status",
      autoscaler(
        { metrics: [cpu] },
        {
          currentMetrics: [
            {
              type: "Resource",
              resource: { name: "cpu", current: { averageUtilization: 31, averageValue: "62m" } },
            },
          ],
          conditions: [
            {
              type: "AbleToScale",
              status: "True",
              reason: "r",
              message: "m",
              lastTransitionTime: "2026-01-01T00:00:00Z",
            },
          ],
        },
      ),
    ],
  ];
  for (const [name, object] of cases) t.same(autoscalerV2Of(autoscalerV1Of(object)), object, name);
  t.end();
});

void t.test("v1 has a field for cpu and Kubernetes' annotations for the rest", (t) => {
  const memory = { name: "memory", target: { type: "Utilization", averageUtilization: 70 } };
  const behavior = { scaleUp: { stabilizationWindowSeconds: 5 } };
  const v1 = autoscalerV1Of(
    autoscaler({ metrics: [cpu, { type: "Resource", resource: memory }], behavior }),
  );
  t.equal(v1.apiVersion, "autoscaling/v1");
  t.equal(v1.spec.targetCPUUtilizationPercentage, 60);
  const { annotations = {} } = v1.metadata;
  t.equal(annotations["mine"], "1");
  t.same(JSON.parse(annotations[`${PREFIX}metrics`] ?? "null"), [
    { type: "Resource", resource: { name: "memory", targetAverageUtilization: 70 } },
  ]);
  t.match(JSON.parse(annotations[`${PREFIX}behavior`] ?? "null"), {
    ScaleUp: {
      StabilizationWindowSeconds: 5,
      SelectPolicy: "Max",
      Policies: [{ Type: "Pods" }, {}],
    },
    ScaleDown: { StabilizationWindowSeconds: null },
  });
  t.end();
});

void t.test("annotations that are no JSON change nothing", (t) => {
  const v1 = autoscalerV1Of(autoscaler({ metrics: [cpu] }));
  const annotations = { [`${PREFIX}metrics`]: "{", [`${PREFIX}behavior`]: "" };
  const v2 = autoscalerV2Of({ ...v1, metadata: { ...v1.metadata, annotations } });
  t.same(v2.spec.metrics, [cpu]);
  t.equal(v2.spec.behavior, undefined);
  t.end();
});
