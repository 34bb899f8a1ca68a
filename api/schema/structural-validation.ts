import { type FieldError, notSupported, required } from "../machinery/field-errors.js";
import { type FieldSchema, type FieldType, typeByName, type TypeSchema } from "./type-schema.js";
import type { JsonObject, JsonValue } from "./wire-types.js";

/**
 * What the schema alone can tell of a decoded and defaulted object: required objects that are
 * missing (a Deployment's selector) and values outside an enumeration. Required texts, numbers and
 * lists are there by then, perhaps empty: whether they may be, ranges, and everything that needs
 * more than one field is the registry's, in Kubernetes' words.
 */
export function validateStructure(typeName: string, object: object): readonly FieldError[] {
  const errors: FieldError[] = [];
  checkMessage(object as JsonObject, typeByName(typeName), { path: "", errors });
  return errors;
}

interface Place {
  /** Of the object being checked; "" is the root. */
  readonly path: string;
  readonly errors: FieldError[];
}

/** What a type has to check, worked out once: most fields have nothing. */
interface CheckPlan {
  readonly own: readonly FieldSchema[];
  readonly inner: readonly FieldSchema[];
}

const plans = new Map<TypeSchema, CheckPlan>();

function planOf(type: TypeSchema): CheckPlan {
  let plan = plans.get(type);
  if (plan === undefined) {
    plan = {
      own: type.fields.filter(hasChecks),
      inner: type.fields.filter((field) => innerChecks(field.type, new Set())),
    };
    plans.set(type, plan);
  }
  return plan;
}

function hasChecks(field: FieldSchema): boolean {
  return field.enum.length > 0 || (field.required && field.nullable);
}

function innerChecks(type: FieldType, seen: Set<TypeSchema>): boolean {
  if (type.kind === "scalar") return false;
  if (type.kind !== "message") return innerChecks(type.of, seen);
  if (seen.has(type.type)) return false;
  seen.add(type.type);
  return type.type.fields.some((field) => hasChecks(field) || innerChecks(field.type, seen));
}

function checkMessage(object: JsonObject, type: TypeSchema, place: Place): void {
  const plan = planOf(type);
  for (const field of plan.own) checkField(object[field.name], field, place);
  for (const field of plan.inner) {
    const value = object[field.name];
    if (value === undefined || value === null) continue;
    checkInner(value, field.type, { ...place, path: join(place.path, field.name) });
  }
}

function checkField(value: JsonValue | undefined, field: FieldSchema, place: Place): void {
  const path = join(place.path, field.name);
  if (value === undefined || value === null) {
    if (field.required) place.errors.push(required(path));
  } else if (field.enum.length > 0 && typeof value === "string" && !field.enum.includes(value)) {
    place.errors.push(notSupported(path, value, field.enum));
  }
}

function checkInner(value: JsonValue, type: FieldType, place: Place): void {
  if (type.kind === "message") return checkMessage(value as JsonObject, type.type, place);
  if (type.kind === "list") {
    (value as readonly JsonValue[]).forEach((item, index) => {
      checkInner(item, type.of, { ...place, path: `${place.path}[${index}]` });
    });
  }
  if (type.kind !== "map") return;
  for (const [key, item] of Object.entries(value as JsonObject)) {
    if (item === undefined) continue;
    checkInner(item, type.of, { ...place, path: `${place.path}[${key}]` });
  }
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
