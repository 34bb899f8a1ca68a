import type { KubernetesObject } from "../../../api/schema/wire-types.js";
import { semanticEqual } from "./semantic-equal.js";

interface WithSpec extends KubernetesObject {
  readonly spec: unknown;
  readonly status?: unknown;
}

/** `object` with metadata.generation 1, as kinds that count the changes of their spec begin. */
export function withFirstGeneration<T extends KubernetesObject>(object: T): T {
  return { ...object, metadata: { ...object.metadata, generation: 1 } };
}

/** `object` with old's generation, one more when `changed`; a client cannot set it. */
export function withNextGeneration<T extends KubernetesObject>(
  object: T,
  old: T,
  changed: boolean,
): T {
  const before = old.metadata.generation ?? 0;
  const generation = changed ? before + 1 : before;
  if (generation === 0) {
    const { generation: _ignored, ...metadata } = object.metadata;
    return { ...object, metadata };
  }
  return { ...object, metadata: { ...object.metadata, generation } };
}

/** `object` with the status of `old`: what a write to the object itself may not touch. */
export function withStatusOf<T extends KubernetesObject>(object: T, old: T): T {
  return withFieldOf(object, old, "status");
}

/** `object` with the spec of `old`: what a write to the status may not touch. */
export function withSpecOf<T extends KubernetesObject>(object: T, old: T): T {
  return withFieldOf(object, old, "spec");
}

/** True when the two specs differ in meaning. */
export function specChanged(object: WithSpec, old: WithSpec): boolean {
  return !semanticEqual(object.spec, old.spec, "spec");
}

function withFieldOf<T extends KubernetesObject>(object: T, old: T, field: "spec" | "status"): T {
  const copy = { ...object } as unknown as { [key: string]: unknown };
  const before = (old as unknown as { readonly [key: string]: unknown })[field];
  if (before === undefined) delete copy[field];
  else copy[field] = before;
  return copy as unknown as T;
}
