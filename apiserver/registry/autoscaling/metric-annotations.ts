import type {
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from "../../../api/schema/types/autoscaling-v2.gen.js";
import type { LabelSelector } from "../../../api/schema/types/meta-v1.gen.js";
import type { Quantity } from "../../../api/schema/wire-types.js";

/*
 * In autoscaling/v1, metrics other than CPU live in annotations, as JSON of a shape of their own:
 * target and value are flat fields there.
 */

interface Reference {
  readonly kind: string;
  readonly name: string;
  readonly apiVersion?: string;
}
/** A source in that shape: of a target or, with `current…`, of a value. */
interface FlatSource {
  readonly name?: string;
  readonly container?: string;
  readonly metricName?: string;
  readonly metricSelector?: LabelSelector;
  readonly selector?: LabelSelector;
  readonly target?: Reference;
  readonly targetValue?: Quantity;
  readonly averageValue?: Quantity;
  readonly targetAverageValue?: Quantity;
  readonly targetAverageUtilization?: number;
  readonly currentValue?: Quantity;
  readonly currentAverageValue?: Quantity;
  readonly currentAverageUtilization?: number;
}
/** A metric or its status in the shape of autoscaling/v1. */
export interface FlatMetric {
  readonly type: string;
  readonly object?: FlatSource;
  readonly pods?: FlatSource;
  readonly resource?: FlatSource;
  readonly containerResource?: FlatSource;
  readonly external?: FlatSource;
}

/** A metric as the annotation holds it. */
export function flatMetric(metric: MetricSpec): FlatMetric {
  const { type, object, pods, resource, containerResource, external } = metric;
  const own = (target: MetricTarget): FlatSource =>
    present({
      targetAverageUtilization: target.averageUtilization,
      targetAverageValue: target.averageValue,
    });
  return present({
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric.name,
      ...present({
        targetValue: object.target.value ?? "0",
        selector: object.metric.selector,
        averageValue: object.target.averageValue,
      }),
    },
    pods: pods && {
      metricName: pods.metric.name,
      ...present({
        targetAverageValue: pods.target.averageValue ?? "0",
        selector: pods.metric.selector,
      }),
    },
    resource: resource && { name: resource.name, ...own(resource.target) },
    containerResource: containerResource && {
      name: containerResource.name,
      ...own(containerResource.target),
      container: containerResource.container,
    },
    external: external && {
      metricName: external.metric.name,
      ...present({
        metricSelector: external.metric.selector,
        targetValue: external.target.value,
        targetAverageValue: external.target.averageValue,
      }),
    },
  });
}

/** The metric that the annotation holds. */
export function metricOf(flat: FlatMetric): MetricSpec {
  const { type, object, pods, resource, containerResource, external } = flat;
  return present({
    type,
    object: object && {
      describedObject: object.target ?? { kind: "", name: "" },
      metric: identifier(object.metricName, object.selector),
      target: target(object.averageValue === undefined ? object.targetValue : undefined, {
        averageValue: object.averageValue,
      }),
    },
    pods: pods && {
      metric: identifier(pods.metricName, pods.selector),
      target: target(undefined, { averageValue: pods.targetAverageValue }),
    },
    resource: resource && { name: resource.name ?? "", target: ownTarget(resource) },
    containerResource: containerResource && {
      name: containerResource.name ?? "",
      target: ownTarget(containerResource),
      container: containerResource.container ?? "",
    },
    external: external && {
      metric: identifier(external.metricName, external.metricSelector),
      target: target(external.targetValue, { averageValue: external.targetAverageValue }),
    },
  });
}

/** The status of a metric as the annotation holds it. */
export function flatStatus(status: MetricStatus): FlatMetric {
  const { type, object, pods, resource, containerResource, external } = status;
  const own = (current: MetricValueStatus): FlatSource =>
    present({
      currentAverageUtilization: current.averageUtilization,
      currentAverageValue: current.averageValue ?? "0",
    });
  return present({
    type,
    object: object && {
      target: object.describedObject,
      metricName: object.metric.name,
      ...present({
        currentValue: object.current.value ?? "0",
        selector: object.metric.selector,
        averageValue: object.current.averageValue,
      }),
    },
    pods: pods && {
      metricName: pods.metric.name,
      ...present({
        currentAverageValue: pods.current.averageValue ?? "0",
        selector: pods.metric.selector,
      }),
    },
    resource: resource && { name: resource.name, ...own(resource.current) },
    containerResource: containerResource && {
      name: containerResource.name,
      ...own(containerResource.current),
      container: containerResource.container,
    },
    external: external && {
      metricName: external.metric.name,
      ...present({
        metricSelector: external.metric.selector,
        currentValue: external.current.value ?? "0",
        currentAverageValue: external.current.averageValue,
      }),
    },
  });
}

/** The status that the annotation holds. */
export function statusOf(flat: FlatMetric): MetricStatus {
  const { type, object, pods, resource, containerResource, external } = flat;
  const own = (source: FlatSource): MetricValueStatus =>
    present({
      averageUtilization: source.currentAverageUtilization,
      averageValue: source.currentAverageValue,
    });
  return present({
    type,
    object: object && {
      describedObject: object.target ?? { kind: "", name: "" },
      metric: identifier(object.metricName, object.selector),
      current: present({ value: object.currentValue, averageValue: object.averageValue }),
    },
    pods: pods && {
      metric: identifier(pods.metricName, pods.selector),
      current: present({ averageValue: pods.currentAverageValue }),
    },
    resource: resource && { name: resource.name ?? "", current: own(resource) },
    containerResource: containerResource && {
      name: containerResource.name ?? "",
      current: own(containerResource),
      container: containerResource.container ?? "",
    },
    external: external && {
      metric: identifier(external.metricName, external.metricSelector),
      current: present({
        value: external.currentValue,
        averageValue: external.currentAverageValue,
      }),
    },
  });
}

function identifier(
  name = "",
  selector: LabelSelector | undefined,
): { name: string; selector?: LabelSelector } {
  return selector === undefined ? { name } : { name, selector };
}

function ownTarget(source: FlatSource): MetricTarget {
  return target(undefined, {
    averageValue: source.targetAverageValue,
    averageUtilization: source.targetAverageUtilization,
  });
}

/** The flat shape has no type of target: it follows from what is there. */
function target(
  value: Quantity | undefined,
  average: {
    readonly averageValue: Quantity | undefined;
    readonly averageUtilization?: number | undefined;
  },
): MetricTarget {
  const { averageValue, averageUtilization } = average;
  const type =
    averageUtilization !== undefined
      ? "Utilization"
      : averageValue !== undefined
        ? "AverageValue"
        : "Value";
  return present({ type, value, averageValue, averageUtilization });
}

type Present<T> = {
  [K in keyof T as undefined extends T[K] ? never : K]: T[K];
} & { [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined> };

/** The object without the fields that are undefined. */
function present<T extends object>(object: T): Present<T> {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Present<T>;
}
