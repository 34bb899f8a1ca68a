import { type FieldError, invalid, required } from "../../../api/machinery/field-errors.js";
import type { Event } from "../../../api/schema/types/core-v1.gen.js";
import { IMMUTABLE, invalidEach } from "../common/field-error-builders.js";
import {
  byteLength,
  validateDns1123Subdomain,
  validateQualifiedName,
} from "../../../api/machinery/names.js";
import { semanticEqual } from "../common/semantic-equal.js";

const SHORT_BYTES_MAX = 128;
const NOTE_BYTES_MAX = 1024;
const UNSET = "needs to be unset";
const NAMESPACE_MISMATCH = "does not match event.namespace";

/** The rules that events of both groups share. */
export function validateEvent(event: Event): FieldError[] {
  const namespace = event.metadata.namespace ?? "";
  const errors = hasTime(event.eventTime)
    ? validateNewStyle(event, namespace)
    : validateOldStyle(event, namespace);
  errors.push(...invalidEach("namespace", namespace, validateDns1123Subdomain(namespace)));
  return errors;
}

/** The rules of events.k8s.io/v1 for a new event, given in core form. */
export function validateStrictEvent(event: Event): FieldError[] {
  const errors = [...validateEvent(event), ...validateSeries(event)];
  if (!hasTime(event.eventTime)) errors.push(required("eventTime"));
  if (event.type !== "Normal" && event.type !== "Warning")
    errors.push(invalid("type", "", `has invalid value: ${event.type ?? ""}`));
  if (hasTime(event.firstTimestamp)) errors.push(invalid("firstTimestamp", "", UNSET));
  if (hasTime(event.lastTimestamp)) errors.push(invalid("lastTimestamp", "", UNSET));
  if ((event.count ?? 0) !== 0) errors.push(invalid("count", "", UNSET));
  if ((event.source?.component ?? "") !== "" || (event.source?.host ?? "") !== "")
    errors.push(invalid("source", "", UNSET));
  return errors;
}

const FROZEN: readonly (keyof Event)[] = [
  "involvedObject",
  "reason",
  "message",
  "source",
  "firstTimestamp",
  "lastTimestamp",
  "count",
  "type",
  "eventTime",
  "action",
  "related",
  "reportingComponent",
  "reportingInstance",
];

/** The rules of events.k8s.io/v1 for a change, given in core form: only the series may change. */
export function validateStrictEventUpdate(event: Event, old: Event): FieldError[] {
  const errors = validateEvent(event);
  if (!semanticEqual(event.series, old.series)) errors.push(...validateSeries(event));
  for (const field of FROZEN) {
    if (semanticEqual(event[field], old[field], field)) continue;
    const name = field === "reportingComponent" ? "reportingController" : field;
    errors.push(invalid(name, event[field] ?? "", IMMUTABLE));
  }
  return errors;
}

function validateOldStyle(event: Event, namespace: string): FieldError[] {
  const about = event.involvedObject.namespace ?? "";
  const fits = about === "" ? namespace === "" || namespace === "default" : about === namespace;
  return fits ? [] : [invalid("involvedObject.namespace", about, NAMESPACE_MISMATCH)];
}

function validateNewStyle(event: Event, namespace: string): FieldError[] {
  const errors: FieldError[] = [];
  const about = event.involvedObject.namespace ?? "";
  if (about === "" && namespace !== "default" && namespace !== "kube-system")
    errors.push(invalid("involvedObject.namespace", about, NAMESPACE_MISMATCH));
  const controller = event.reportingComponent ?? "";
  if (controller === "") errors.push(required("reportingController"));
  errors.push(...invalidEach("reportingController", controller, validateQualifiedName(controller)));
  for (const field of ["reportingInstance", "action", "reason"] as const) {
    const value = event[field] ?? "";
    if (value === "") errors.push(required(field));
    errors.push(...validateSize(field, value, SHORT_BYTES_MAX));
  }
  errors.push(...validateSize("message", event.message ?? "", NOTE_BYTES_MAX));
  return errors;
}

function validateSize(field: string, value: string, bytesMax: number): FieldError[] {
  if (byteLength(value) <= bytesMax) return [];
  return [invalid(field, "", `can have at most ${bytesMax} characters`)];
}

function validateSeries(event: Event): FieldError[] {
  const { series } = event;
  if (series === undefined) return [];
  const errors: FieldError[] = [];
  if ((series.count ?? 0) < 2) errors.push(invalid("series.count", "", "should be at least 2"));
  if (!hasTime(series.lastObservedTime)) errors.push(required("series.lastObservedTime"));
  return errors;
}

function hasTime(time: string | null | undefined): boolean {
  return time !== undefined && time !== null && time !== "";
}
