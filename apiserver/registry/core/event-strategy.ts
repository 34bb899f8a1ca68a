import type { FieldError } from "../../../api/machinery/field-errors.js";
import { validatePathSegment } from "../../../api/machinery/names.js";
import type { Event } from "../../../api/schema/types/core-v1.gen.js";
import { ageOf } from "../common/age.js";
import { column, NAME_COLUMN, wideColumn } from "../common/table-columns.js";
import type { Strategy, TableDefinition } from "../strategy.js";
import { validateEvent } from "./event-validation.js";

const table: TableDefinition<Event> = {
  columns: [
    column("Last Seen", "The time since it last happened."),
    column("Type", "Normal or Warning."),
    column("Reason", "Why it happened, in one word."),
    column("Object", "The object that it is about."),
    wideColumn("Subobject", "The part of the object that it is about."),
    wideColumn("Source", "The component that reported it."),
    column("Message", "What happened, for people."),
    wideColumn("First Seen", "The time since it first happened."),
    wideColumn("Count", "How often it happened."),
    { ...NAME_COLUMN, priority: 1 },
  ],
  cells(event, nowMs) {
    const first = event.firstTimestamp ?? event.eventTime;
    const last = event.series?.lastObservedTime ?? event.lastTimestamp ?? first;
    const count = event.series?.count ?? event.count ?? 0;
    return [
      ageOf(last, nowMs),
      event.type ?? "",
      event.reason ?? "",
      targetOf(event),
      event.involvedObject.fieldPath ?? "",
      sourceOf(event),
      (event.message ?? "").trim(),
      ageOf(first, nowMs),
      String(count === 0 ? 1 : count),
      event.metadata.name,
    ];
  },
};

/** Events as core/v1 has them. */
export const eventStrategy: Strategy<Event> = {
  // Old reporters name events as they like; only the stricter group holds them to DNS names.
  validateName: (name) => validatePathSegment(name),
  prepareForCreate: (event) => event,
  prepareForUpdate: (event) => event,
  validate: (event): readonly FieldError[] => validateEvent(event),
  validateUpdate: (event): readonly FieldError[] => validateEvent(event),
  allowCreateOnUpdate: true,
  selectableFields: {
    "involvedObject.kind": (event) => event.involvedObject.kind ?? "",
    "involvedObject.namespace": (event) => event.involvedObject.namespace ?? "",
    "involvedObject.name": (event) => event.involvedObject.name ?? "",
    "involvedObject.uid": (event) => event.involvedObject.uid ?? "",
    "involvedObject.apiVersion": (event) => event.involvedObject.apiVersion ?? "",
    "involvedObject.resourceVersion": (event) => event.involvedObject.resourceVersion ?? "",
    "involvedObject.fieldPath": (event) => event.involvedObject.fieldPath ?? "",
    reason: (event) => event.reason ?? "",
    reportingComponent: (event) => event.reportingComponent ?? "",
    source: (event) => event.source?.component ?? event.reportingComponent ?? "",
    type: (event) => event.type ?? "",
  },
  table,
};

function targetOf(event: Event): string {
  const kind = (event.involvedObject.kind ?? "").toLowerCase();
  const name = event.involvedObject.name ?? "";
  return name === "" ? kind : `${kind}/${name}`;
}

function sourceOf(event: Event): string {
  const component = event.source?.component ?? event.reportingComponent ?? "";
  const host = event.source?.host ?? event.reportingInstance ?? "";
  return host === "" ? component : `${component}, ${host}`;
}
