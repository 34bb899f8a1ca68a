import type { JsonObject } from "../../../api/schema/wire-types.js";
import { bad, type BadObject, banned, missing, unknown, wrong, withSpec } from "./bad-object.js";

const TARGET = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };

function autoscaler(spec: JsonObject): JsonObject {
  const whole = { scaleTargetRef: TARGET, maxReplicas: 5, ...spec };
  return withSpec("autoscaling/v2", "HorizontalPodAutoscaler", whole);
}

function autoscalerV1(spec: JsonObject): JsonObject {
  const whole = { scaleTargetRef: TARGET, maxReplicas: 5, ...spec };
  return withSpec("autoscaling/v1", "HorizontalPodAutoscaler", whole);
}

/** HorizontalPodAutoscalers of both versions that are wrong. */
export const BAD_AUTOSCALERS: readonly BadObject[] = [
  bad(
    "least above most",
    autoscaler({ minReplicas: 6 }),
    wrong("spec.maxReplicas", 5, "must be greater than or equal to `minReplicas`"),
  ),
  bad(
    "no pods at all",
    autoscaler({ maxReplicas: 0, minReplicas: 0 }),
    wrong("spec.minReplicas", 0, "must be greater than or equal to 1"),
    wrong("spec.maxReplicas", 0, "must be greater than 0"),
  ),
  bad(
    "target without a name",
    autoscaler({ scaleTargetRef: { kind: "Deployment", name: "" } }),
    missing("spec.scaleTargetRef.name"),
  ),
  bad(
    "unknown metric type",
    autoscaler({ metrics: [{ type: "Weather" }] }),
    unknown(
      "spec.metrics[0].type",
      "Weather",
      "ContainerResource",
      "External",
      "Object",
      "Pods",
      "Resource",
    ),
  ),
  bad(
    "metric without a source",
    autoscaler({ metrics: [{ type: "Resource" }] }),
    missing("spec.metrics[0].resource", "must populate information for the given metric source"),
  ),
  bad(
    "metric with two sources",
    autoscaler({
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
          pods: { metric: { name: "m" }, target: { type: "AverageValue", averageValue: "1" } },
        },
      ],
    }),
    banned("spec.metrics[0].pods", "must populate the given metric source only"),
  ),
  bad(
    "resource metric without a target",
    autoscaler({
      metrics: [{ type: "Resource", resource: { name: "cpu", target: { type: "Utilization" } } }],
    }),
    missing(
      "spec.metrics[0].resource.target.averageUtilization",
      "must set either a target raw value or a target utilization",
    ),
  ),
  bad(
    "utilization of nothing",
    autoscaler({
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 0 } },
        },
      ],
    }),
    wrong("spec.metrics[0].resource.target.averageUtilization", 0, "must be greater than 0"),
  ),
  bad(
    "unknown target type",
    autoscaler({
      metrics: [
        {
          type: "Pods",
          pods: { metric: { name: "m" }, target: { type: "Median", averageValue: "1" } },
        },
      ],
    }),
    wrong(
      "spec.metrics[0].pods.target.type",
      "Median",
      "must be either Utilization, Value, or AverageValue",
    ),
  ),
  bad(
    "negative target",
    autoscaler({
      metrics: [
        {
          type: "External",
          external: { metric: { name: "m" }, target: { type: "Value", value: "-1" } },
        },
      ],
    }),
    wrong("spec.metrics[0].external.target.value", "-1", "must be positive"),
  ),
  bad(
    "metric without a name",
    autoscaler({
      metrics: [
        {
          type: "Object",
          object: {
            describedObject: { kind: "Service", name: "web" },
            metric: { name: "" },
            target: { type: "Value", value: "1" },
          },
        },
      ],
    }),
    missing("spec.metrics[0].object.metric.name", "must specify a metric name"),
  ),
  bad(
    "scaling without a policy",
    autoscaler({
      behavior: {
        scaleUp: { policies: [] },
        scaleDown: {
          selectPolicy: "Avg",
          policies: [{ type: "Pods", value: 0, periodSeconds: 3600 }],
        },
      },
    }),
    unknown("spec.behavior.scaleDown.selectPolicy", "Avg", "Disabled", "Max", "Min"),
    wrong("spec.behavior.scaleDown.policies[0].value", 0, "must be greater than zero"),
    wrong(
      "spec.behavior.scaleDown.policies[0].periodSeconds",
      3600,
      "must be less than or equal to 1800",
    ),
  ),
  bad(
    "window that is too long",
    autoscaler({ behavior: { scaleDown: { stabilizationWindowSeconds: 3601 } } }),
    wrong(
      "spec.behavior.scaleDown.stabilizationWindowSeconds",
      3601,
      "must be less than or equal to 3600",
    ),
  ),
  bad(
    "old autoscaler with the least above the most",
    autoscalerV1({ minReplicas: 6 }),
    wrong("spec.maxReplicas", 5, "must be greater than or equal to `minReplicas`"),
  ),
  bad(
    "old autoscaler of no pods",
    autoscalerV1({ maxReplicas: 0 }),
    wrong("spec.maxReplicas", 0, "must be greater than 0"),
    wrong("spec.maxReplicas", 0, "must be greater than or equal to `minReplicas`"),
  ),
  bad(
    "old autoscaler of nothing",
    autoscalerV1({ scaleTargetRef: { kind: "", name: "web" } }),
    missing("spec.scaleTargetRef.kind"),
  ),
  bad(
    "old autoscaler of a bad version",
    autoscalerV1({ scaleTargetRef: { apiVersion: "a/b/c", kind: "Deployment", name: "web" } }),
    wrong("spec.scaleTargetRef.apiVersion", "a/b/c", "unexpected GroupVersion string: a/b/c"),
  ),
  bad(
    "old autoscaler for no utilization",
    autoscalerV1({ targetCPUUtilizationPercentage: 0 }),
    wrong("spec.metrics[0].resource.target.averageUtilization", 0, "must be greater than 0"),
  ),
];
