import type { Event as CoreEvent } from "./types/core-v1.gen.js";
import type { Event as NewEvent } from "./types/events-v1.gen.js";
import type { JsonObject } from "./wire-types.js";

/*
 * Events are stored as core/v1 Events and served as both: the two kinds have the same fields, and
 * six of them are called differently. Every object that decodes as one kind converts to the other
 * without loss, and back.
 */

/**
 * [events.k8s.io/v1, core/v1]: the first names also stand for the second ones when the order is
 * turned round.
 */
const RENAMED: readonly (readonly [string, string])[] = [
  ["regarding", "involvedObject"],
  ["note", "message"],
  ["reportingController", "reportingComponent"],
  ["deprecatedSource", "source"],
  ["deprecatedFirstTimestamp", "firstTimestamp"],
  ["deprecatedLastTimestamp", "lastTimestamp"],
  ["deprecatedCount", "count"],
];
const TO_CORE: ReadonlyMap<string, string> = new Map(RENAMED);
const FROM_CORE: ReadonlyMap<string, string> = new Map(
  RENAMED.map(([newName, coreName]) => [coreName, newName] as const),
);

/** The events.k8s.io/v1 Event as it is stored. */
export function toCoreEvent(event: NewEvent): CoreEvent {
  const renamed = rename(event as unknown as JsonObject, TO_CORE);
  // A core Event must say what it is about, be it with an empty reference.
  const involvedObject = renamed.involvedObject ?? {};
  return { ...renamed, involvedObject, apiVersion: "v1", kind: "Event" } as unknown as CoreEvent;
}

/** The stored Event as events.k8s.io/v1 shows it. */
export function fromCoreEvent(event: CoreEvent): NewEvent {
  const renamed = rename(event as unknown as JsonObject, FROM_CORE);
  return { ...renamed, apiVersion: "events.k8s.io/v1", kind: "Event" } as unknown as NewEvent;
}

/**
 * The field of a core Event that a field selector on the other kind means: regarding.name is
 * involvedObject.name.
 */
export function coreEventField(field: string): string {
  const [first = "", ...rest] = field.split(".");
  return [TO_CORE.get(first) ?? first, ...rest].join(".");
}

function rename(object: JsonObject, names: ReadonlyMap<string, string>): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [names.get(key) ?? key, value]),
  );
}
