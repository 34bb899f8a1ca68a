import type { Event as CoreEvent } from "../../../api/schema/types/core-v1.gen.js";
import type { Event as EventsV1Event } from "../../../api/schema/types/events-v1.gen.js";

type Mapping = readonly (readonly [core: keyof CoreEvent, eventsV1: keyof EventsV1Event])[];

/** One event under its two names: the fields that differ, and those that are called the same. */
const FIELDS: Mapping = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["reportingComponent", "reportingController"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
  ["metadata", "metadata"],
  ["action", "action"],
  ["eventTime", "eventTime"],
  ["reason", "reason"],
  ["related", "related"],
  ["reportingInstance", "reportingInstance"],
  ["series", "series"],
  ["type", "type"],
];

/** An event as core/v1 has it, which is also how it is stored. */
export function coreEventOf(event: EventsV1Event): CoreEvent {
  const core: { [field: string]: unknown } = {
    apiVersion: "v1",
    kind: "Event",
    involvedObject: {},
  };
  for (const [to, from] of FIELDS) if (event[from] !== undefined) core[to] = event[from];
  return core as unknown as CoreEvent;
}

/** An event as events.k8s.io/v1 has it. */
export function eventsV1EventOf(event: CoreEvent): EventsV1Event {
  const out: { [field: string]: unknown } = {
    apiVersion: "events.k8s.io/v1",
    kind: "Event",
    eventTime: null,
  };
  for (const [from, to] of FIELDS) if (event[from] !== undefined) out[to] = event[from];
  return out as unknown as EventsV1Event;
}
