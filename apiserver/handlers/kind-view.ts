import type * as autoscalingV1 from "../../api/schema/types/autoscaling-v1.gen.js";
import type { HorizontalPodAutoscaler } from "../../api/schema/types/autoscaling-v2.gen.js";
import type { Event as CoreEvent } from "../../api/schema/types/core-v1.gen.js";
import type { Event as EventsV1Event } from "../../api/schema/types/events-v1.gen.js";
import { type KindInfo, SERVED_KINDS, storageKind } from "../../api/schema/kinds.js";
import { findByPath, parseJsonPath } from "../../api/schema/custom/json-path.js";
import type { JsonValue, KubernetesObject } from "../../api/schema/wire-types.js";
import { present } from "../../base/assert.js";
import { autoscalerV1Of, autoscalerV2Of } from "../registry/autoscaling/autoscaler-conversion.js";
import { coreEventOf, eventsV1EventOf } from "../registry/core/event-conversion.js";
import { strategyFor } from "../registry/registry.js";
import type { Strategy } from "../registry/strategy.js";
import type { ResourceId } from "../storage/keys.js";
import type { SelectorFields } from "../storage/resource-cache.js";
import type { CachedResource } from "../storage/watch-cache.js";

/** How one served kind sees what is stored. */
export interface KindView {
  readonly kind: KindInfo;
  readonly strategy: Strategy;
  /** Where its objects live. */
  readonly id: ResourceId;
  /** Null: objects are served as they are stored, or as `remote` makes them. */
  readonly conversion: Conversion | null;
  /** Somebody else who converts between versions, before `conversion` on the way out. */
  readonly remote?: RemoteConversion;
  /** Where the number of replicas lies; absent: where it lies in all kinds of our own. */
  readonly scale?: ScalePaths;
}
/** Fields by name, from the object down. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** Of a selector as text; null: none is kept. */
  readonly selector: readonly string[] | null;
}
export interface Conversion {
  toServed(stored: KubernetesObject): KubernetesObject;
  toStored(served: KubernetesObject): KubernetesObject;
}

/** A conversion that takes time and may fail, of many objects at once. Throws an ApiFailure. */
export interface RemoteConversion {
  toServed(
    stored: readonly KubernetesObject[],
    signal: AbortSignal,
  ): Promise<readonly KubernetesObject[]>;
  toStored(
    served: readonly KubernetesObject[],
    signal: AbortSignal,
  ): Promise<readonly KubernetesObject[]>;
}

/** The two kinds of Event share one storage, in the words of core/v1. */
const EVENT_CONVERSION: Conversion = {
  toServed: (stored) => eventsV1EventOf(stored as CoreEvent) as KubernetesObject,
  toStored: (served) => coreEventOf(served as EventsV1Event) as KubernetesObject,
};

/** Autoscalers are stored in the words of autoscaling/v2. */
const AUTOSCALER_CONVERSION: Conversion = {
  toServed: (stored) => autoscalerV1Of(stored as HorizontalPodAutoscaler),
  toStored: (served) => autoscalerV2Of(served as autoscalingV1.HorizontalPodAutoscaler),
};

/** By the kind's own name. */
const CONVERSIONS: ReadonlyMap<string, Conversion> = new Map([
  ["events/v1.Event", EVENT_CONVERSION],
  ["autoscaling/v1.HorizontalPodAutoscaler", AUTOSCALER_CONVERSION],
]);

/** A field of Pods with as many values as there are nodes, and the one agents select by. */
const NODE_NAME_FIELD = "spec.nodeName";

/**
 * True for kinds that are kept. Reviews and bindings are answered and forgotten; usage is read from
 * memory and cannot be watched.
 */
export function isStored(kind: KindInfo): boolean {
  return kind.verbs.includes("watch");
}

export function kindView(kind: KindInfo): KindView {
  const stored = storageKind(kind);
  return {
    kind,
    strategy: strategyFor(kind),
    id: { group: stored.group, resource: stored.plural },
    conversion: stored === kind ? null : present(CONVERSIONS.get(kind.typeName), kind.typeName),
  };
}

/** The object as this kind's clients know it, whoever converts it. */
export async function servedOf(
  view: KindView,
  stored: KubernetesObject,
  signal: AbortSignal,
): Promise<KubernetesObject> {
  if (view.remote === undefined) return toServed(view, stored);
  const [converted = stored] = await view.remote.toServed([stored], signal);
  return toServed(view, converted);
}

/** The object as it is stored, whoever converts it. */
export async function storedOf(
  view: KindView,
  served: KubernetesObject,
  signal: AbortSignal,
): Promise<KubernetesObject> {
  const stored = toStored(view, served);
  if (view.remote === undefined) return stored;
  const [converted = stored] = await view.remote.toStored([stored], signal);
  return converted;
}

/**
 * The same objects with their bytes, and the fields they are selected by, in the version of the
 * view, as far as others convert them.
 */
export async function inVersionOf<T extends { readonly value: Buffer }>(
  view: KindView,
  objects: readonly T[],
  signal: AbortSignal,
): Promise<readonly T[]> {
  if (view.remote === undefined || objects.length === 0) return objects;
  const parsed = objects.map(({ value }) => JSON.parse(value.toString()) as KubernetesObject);
  const converted = await view.remote.toServed(parsed, signal);
  return objects.map((object, index) => {
    if (converted[index] === parsed[index]) return object;
    const value = Buffer.from(JSON.stringify(converted[index]));
    return { ...object, value, fields: fieldsWhenAsked(value) };
  });
}

/** The object as this kind's clients know it, where nobody else converts it. */
export function toServed(view: KindView, stored: KubernetesObject): KubernetesObject {
  return view.conversion === null ? stored : view.conversion.toServed(stored);
}

export function toStored(view: KindView, served: KubernetesObject): KubernetesObject {
  return view.conversion === null ? served : view.conversion.toStored(served);
}

/**
 * What the watch cache keeps: one entry per storage, readable by the selectors of every kind that
 * shares it.
 */
export function cachedResources(): CachedResource[] {
  const byStorage = new Map<KindInfo, KindView[]>();
  for (const kind of SERVED_KINDS.filter(isStored)) {
    const stored = storageKind(kind);
    byStorage.set(stored, [...(byStorage.get(stored) ?? []), kindView(kind)]);
  }
  return [...byStorage].map(([stored, views]) => ({
    id: { group: stored.group, resource: stored.plural },
    indexField: views.some((view) => NODE_NAME_FIELD in (view.strategy.selectableFields ?? {}))
      ? NODE_NAME_FIELD
      : null,
    readFields: (value) => readFields(views, value),
  }));
}

/**
 * How the objects of a custom kind are kept. Which of their fields can be selected by may change
 * while they are there, so these are read when they are asked for.
 */
export function customResource(id: ResourceId): CachedResource {
  return {
    id,
    indexField: null,
    readFields: (value) => {
      const { metadata } = JSON.parse(value.toString()) as KubernetesObject;
      return { labels: metadata.labels ?? NO_LABELS, fields: fieldsWhenAsked(value) };
    },
  };
}

function fieldsWhenAsked(value: Buffer): Readonly<Record<string, string>> {
  const read = (name: string): string | undefined => {
    const steps = parseJsonPath(`.${name}`) ?? [];
    const [found] = findByPath(JSON.parse(value.toString()) as JsonValue, steps);
    if (found === undefined || found === null) return undefined;
    return typeof found === "string" ? found : JSON.stringify(found);
  };
  return new Proxy({}, { get: (_target, name) => read(String(name)) });
}

const NO_LABELS: Readonly<Record<string, string>> = {};

function readFields(views: readonly KindView[], value: Buffer): SelectorFields {
  const stored = JSON.parse(value.toString()) as KubernetesObject;
  const fields: Record<string, string> = {};
  for (const view of views) {
    const { selectableFields = {} } = view.strategy;
    const names = Object.keys(selectableFields);
    if (names.length === 0) continue;
    const served = toServed(view, stored);
    for (const name of names) fields[name] = selectableFields[name]?.(served) ?? "";
  }
  return { labels: stored.metadata.labels ?? NO_LABELS, fields };
}
