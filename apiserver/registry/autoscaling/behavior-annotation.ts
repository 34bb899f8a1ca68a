import type {
  HorizontalPodAutoscalerBehavior,
  HPAScalingPolicy,
  HPAScalingRules,
} from "../../../api/schema/types/autoscaling-v2.gen.js";

/** The behavior as Kubernetes writes it into its annotation: Go's field names, nothing left out. */
export function goBehavior({ scaleUp, scaleDown }: HorizontalPodAutoscalerBehavior): object {
  return { ScaleUp: goRules(scaleUp), ScaleDown: goRules(scaleDown) };
}

function goRules(rules: HPAScalingRules | undefined): object | null {
  if (rules === undefined) return null;
  return {
    StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
    SelectPolicy: rules.selectPolicy ?? null,
    Policies:
      rules.policies?.map(({ type, value, periodSeconds }) => ({
        Type: type,
        Value: value,
        PeriodSeconds: periodSeconds,
      })) ?? null,
    Tolerance: rules.tolerance ?? null,
  };
}

/** The behavior that the annotation holds; like Go it does not care about the case of names. */
export function behaviorOf(annotation: object): HorizontalPodAutoscalerBehavior {
  const behavior = lowered(annotation);
  const up = rulesOf(behavior["scaleup"]);
  const down = rulesOf(behavior["scaledown"]);
  return {
    ...(up === null ? {} : { scaleUp: up }),
    ...(down === null ? {} : { scaleDown: down }),
  };
}

function rulesOf(value: unknown): HPAScalingRules | null {
  if (typeof value !== "object" || value === null) return null;
  const rules = lowered(value);
  const { stabilizationwindowseconds: window, selectpolicy: policy, tolerance } = rules;
  const policies = rules["policies"];
  return {
    ...(typeof window === "number" ? { stabilizationWindowSeconds: window } : {}),
    ...(typeof policy === "string" ? { selectPolicy: policy } : {}),
    ...(Array.isArray(policies) ? { policies: policies.map(policyOf) } : {}),
    ...(typeof tolerance === "string" ? { tolerance } : {}),
  };
}

function policyOf(value: unknown): HPAScalingPolicy {
  const policy = typeof value === "object" && value !== null ? lowered(value) : {};
  const { type, value: amount, periodseconds: period } = policy;
  return {
    type: typeof type === "string" ? type : "",
    value: typeof amount === "number" ? amount : 0,
    periodSeconds: typeof period === "number" ? period : 0,
  };
}

function lowered(object: object): Readonly<Record<string, unknown>> {
  const entries = Object.entries(object).map(([key, value]) => [key.toLowerCase(), value] as const);
  return Object.fromEntries(entries);
}
