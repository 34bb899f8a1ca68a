import type { PatchValue } from "../patch-json.js";
import type { OwnableField, OwnableType } from "./shape.js";

/**
 * What an object of this type has before anybody says anything: the parts that Kubernetes writes
 * also when they are empty. A new object is compared with it, so that nobody owns `spec` for having
 * been the first to need one.
 */
export function emptyObject(type: OwnableType): PatchValue {
  const known = emptyObjects.get(type);
  if (known !== undefined) return known;
  const out: Record<string, PatchValue> = {};
  for (const field of type.fieldByName.values()) {
    const value = emptyValue(field);
    if (value !== undefined) out[field.name] = value;
  }
  emptyObjects.set(type, out);
  return out;
}

const emptyObjects = new WeakMap<OwnableType, PatchValue>();

/** Fields that are a part of their object, not a reference to one that may be missing. */
const PARTS: ReadonlySet<string> = new Set([
  "jobTemplate",
  "metadata",
  "spec",
  "status",
  "strategy",
  "template",
  "updateStrategy",
]);

function emptyValue({ name, type, required, nullable }: OwnableField): PatchValue | undefined {
  const isAlwaysThere = (required && !nullable) || PARTS.has(name);
  if (!isAlwaysThere) return undefined;
  if (type.kind === "message") return emptyObject(type.type);
  return type.kind === "scalar" ? undefined : null;
}
