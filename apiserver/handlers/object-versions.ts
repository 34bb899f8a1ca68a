import { invalid } from "../../api/machinery/field-errors.js";
import { type StatusBody, invalidObject } from "../../api/machinery/status.js";

/** 422 for a kind that is only updated with the version that was read. */
export function invalidVersion(kind: { group: string; kind: string }, name: string): StatusBody {
  const text = "must be specified for an update";
  return invalidObject(kind, name, [invalid("metadata.resourceVersion", 0, text)]);
}
