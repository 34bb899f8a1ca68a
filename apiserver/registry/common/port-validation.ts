import type { FieldError } from "../../../api/machinery/field-errors.js";
import { validatePortName, validatePortNumber } from "../../../api/machinery/names.js";
import type { IntOrString } from "../../../api/schema/wire-types.js";
import { invalidEach } from "./field-error-builders.js";

/** Checks a port given by number or by the name of a container's port. */
export function validatePortNumberOrName(port: IntOrString, path: string): FieldError[] {
  const texts = typeof port === "number" ? validatePortNumber(port) : validatePortName(port);
  return invalidEach(path, port, texts);
}
