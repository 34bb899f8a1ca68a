import type { Event } from "../../../api/schema/types/events-v1.gen.js";
import { nameIsDnsSubdomain } from "../common/name-validators.js";
import type { Strategy } from "../strategy.js";
import { coreEventOf } from "./event-conversion.js";
import { eventStrategy } from "./event-strategy.js";
import { validateStrictEvent, validateStrictEventUpdate } from "./event-validation.js";

/** Events as events.k8s.io/v1 has them: the same objects in other words, held to stricter rules. */
export const eventsV1Strategy: Strategy<Event> = {
  validateName: nameIsDnsSubdomain,
  prepareForCreate: (event) => event,
  prepareForUpdate: (event) => event,
  validate: (event) => validateStrictEvent(coreEventOf(event)),
  validateUpdate: (event, old) => validateStrictEventUpdate(coreEventOf(event), coreEventOf(old)),
  allowCreateOnUpdate: true,
  selectableFields: {
    "regarding.kind": (event) => event.regarding?.kind ?? "",
    "regarding.namespace": (event) => event.regarding?.namespace ?? "",
    "regarding.name": (event) => event.regarding?.name ?? "",
    "regarding.uid": (event) => event.regarding?.uid ?? "",
    "regarding.apiVersion": (event) => event.regarding?.apiVersion ?? "",
    "regarding.resourceVersion": (event) => event.regarding?.resourceVersion ?? "",
    "regarding.fieldPath": (event) => event.regarding?.fieldPath ?? "",
    reason: (event) => event.reason ?? "",
    reportingController: (event) => event.reportingController ?? "",
    type: (event) => event.type ?? "",
  },
  table: {
    columns: eventStrategy.table.columns,
    cells: (event, nowMs) => eventStrategy.table.cells(coreEventOf(event), nowMs),
  },
};
