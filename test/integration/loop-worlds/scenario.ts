import type { ResourceType } from "../../../api/client/client-types.js";
import { systemClock } from "../../../api/client/system-clock.js";
import type { Container, Pod, PodTemplateSpec } from "../../../api/schema/types/core-v1.gen.js";
import type { KubernetesObject, NewObject } from "../../../api/schema/wire-types.js";
import type { Clock } from "../../../base/clock.js";
import type { ControllerName } from "../../../controllers/control-loops.js";
import type { World } from "./world.js";

/** Something that users do, and what they then wait for. */
export interface Step {
  readonly act: (world: World) => Promise<unknown>;
  /** True only of a state in which the loop has nothing left to do. */
  readonly reached: (world: World) => boolean;
}

/** A story in which a loop has to write several times. */
export interface Scenario {
  /** Loops without which this one gets nowhere. They are stopped with it. */
  readonly others?: readonly ControllerName[];
  /** What the end is compared by. */
  readonly kinds: readonly ResourceType<KubernetesObject>[];
  /** What the loops read the time from; default the system's. */
  readonly clock?: Clock;
  /** How many writes an undisturbed run needs at least: guards against a story without work. */
  readonly writesMin: number;
  readonly steps: readonly Step[];
  /** Events that the loop tells of it by the end, as `Type Reason`, in Kubernetes' words. */
  readonly events?: readonly string[];
}

/** Time passes a hundred times as fast: for loops that wait long before they act. */
export const hastyClock: Clock = {
  ...systemClock,
  monotonicMs: () => systemClock.monotonicMs() * 100,
  schedule: (delayMs, run) => systemClock.schedule(delayMs / 100, run),
};

/** The system's clock, so much ahead. */
export function laterClock(aheadMs: number): Clock {
  return { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs };
}

const startedMs = systemClock.nowMs();
const nextYear = new Date(startedMs).getUTCFullYear() + 1;
/** Half a minute past midnight of the next New Year's Day: what is due once a year is due now. */
export const newYearsClock = laterClock(Date.parse(`${nextYear}-01-01T00:00:30Z`) - startedMs);

/** A template of pods with one container that needs no token. */
export function template(labels: Readonly<Record<string, string>>, image = "v1"): PodTemplateSpec {
  const containers: readonly Container[] = [{ name: "c", image }];
  return { metadata: { labels }, spec: { containers, automountServiceAccountToken: false } };
}

/** A pod of its own. */
export function barePod(
  world: World,
  name: string,
  more: Partial<Pod["spec"]> = {},
): NewObject<Pod> {
  const { metadata, spec } = template({ app: "web" });
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...metadata, name, namespace: world.name },
    spec: { ...(spec as Pod["spec"]), terminationGracePeriodSeconds: 0, ...more },
  };
}

/** An object of the world's namespace. */
export function create<T extends KubernetesObject>(
  world: World,
  type: ResourceType<T>,
  {
    name,
    ...rest
  }: { readonly name: string } & Omit<T, "apiVersion" | "kind" | "metadata"> & {
      readonly metadata?: object;
    },
): Promise<T> {
  const apiVersion = type.group === "" ? type.version : `${type.group}/${type.version}`;
  const place = type.namespaced
    ? { name, namespace: world.name }
    : { name: `${world.name}-${name}` };
  const metadata = { ...rest.metadata, ...place };
  const object = { ...rest, apiVersion, kind: type.kind, metadata } as unknown as NewObject<T>;
  return world.admin.resource(type).create(object);
}

/** Changes an object of the world's namespace. */
export function merge(
  world: World,
  type: ResourceType<KubernetesObject>,
  { name, patch, subresource }: { name: string; patch: object; subresource?: string },
): Promise<KubernetesObject> {
  const place = type.namespaced ? { namespace: world.name } : {};
  return world.admin
    .resource(type)
    .patch(type.namespaced ? name : `${world.name}-${name}`, patch as never, {
      ...place,
      type: "merge",
      ...(subresource === undefined ? {} : { subresource }),
    });
}
