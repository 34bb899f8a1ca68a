import { type FieldError, invalid, required } from "../../../api/machinery/field-errors.js";
import type { DownwardAPIVolumeFile, KeyToPath } from "../../../api/schema/types/core-v1.gen.js";
import {
  FILE_FIELDS,
  validateFieldRef,
  validateResourceFieldRef,
} from "../pod/field-ref-validation.js";
import { validateFileMode, validateUnreservedPath } from "./path-validation.js";

/** Checks which key becomes which file. */
export function validateKeyToPath(item: KeyToPath, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (item.key === "") errors.push(required(`${path}.key`));
  if (item.path === "") errors.push(required(`${path}.path`));
  errors.push(...validateUnreservedPath(item.path, `${path}.path`));
  errors.push(...validateFileMode(item.mode, `${path}.mode`));
  return errors;
}

/** Checks a file that shows something of the pod itself; `path` is that of the volume. */
export function validateDownwardFile(file: DownwardAPIVolumeFile, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (file.path === "") errors.push(required(`${path}.path`));
  errors.push(...validateUnreservedPath(file.path, `${path}.path`));
  if (file.fieldRef !== undefined) {
    errors.push(...validateFieldRef(file.fieldRef, `${path}.fieldRef`, FILE_FIELDS));
    const text = "fieldRef and resourceFieldRef can not be specified simultaneously";
    if (file.resourceFieldRef !== undefined) errors.push(invalid(path, "resource", text));
  } else if (file.resourceFieldRef !== undefined)
    errors.push(
      ...validateResourceFieldRef(file.resourceFieldRef, `${path}.resourceFieldRef`, true),
    );
  else errors.push(required(path, "one of fieldRef and resourceFieldRef is required"));
  errors.push(...validateFileMode(file.mode, `${path}.mode`));
  return errors;
}
