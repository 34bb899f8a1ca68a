import type { JSONSchemaProps } from "../types/apiextensions-v1.gen.js";
import type { JsonObject, JsonValue } from "../wire-types.js";

/**
 * What a structural schema does to a value: it leaves out what it does not describe (pruning) and
 * fills in defaults. Kubernetes: apiextensions-apiserver, structural-merge of pruning and
 * defaulting.
 */

/** Fields that every embedded object has, whatever its schema says. */
const OF_EVERY_OBJECT: ReadonlySet<string> = new Set(["apiVersion", "kind", "metadata"]);

/**
 * The value without what the schema does not describe. Each field that is left out adds a text such
 * as `unknown field "spec.foo"` to `unknown`.
 */
export function pruned(
  value: JsonValue,
  schema: JSONSchemaProps,
  about: { readonly path: string; readonly unknown: string[] },
): JsonValue {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (items === null) return value;
    return (value as readonly JsonValue[]).map((item, index) =>
      pruned(item, items, { ...about, path: `${about.path}[${index}]` }),
    );
  }
  if (!isObject(value)) return value;
  const out: Record<string, JsonValue> = {};
  for (const [name, inner] of Object.entries(value)) {
    if (inner === undefined) continue;
    const path = about.path === "" ? name : `${about.path}.${name}`;
    const known = fieldSchema(schema, name);
    if (known !== null) setOwn(out, name, pruned(inner, known, { ...about, path }));
    else if (keepsField(schema, name)) setOwn(out, name, inner);
    else about.unknown.push(`unknown field "${path}"`);
  }
  return out;
}

/** The value with defaults where fields are absent, or null and not nullable. */
export function withDefaults(value: JsonValue, schema: JSONSchemaProps): JsonValue {
  if (Array.isArray(value)) {
    const items = itemsOf(schema);
    if (items === null || !hasInner(items)) return value;
    return (value as readonly JsonValue[]).map((item) => withDefaults(item, items));
  }
  if (!isObject(value)) return value;
  const out: Record<string, JsonValue | undefined> = { ...value };
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const given = out[name];
    if (given === undefined || (given === null && field.nullable !== true)) {
      if (field.default !== undefined) out[name] = field.default;
      else if (given === null) delete out[name];
    }
  }
  for (const [name, inner] of Object.entries(out)) {
    const field = fieldSchema(schema, name);
    if (inner === undefined || inner === null || field === null || !hasInner(field)) continue;
    setOwn(out as Record<string, JsonValue>, name, withDefaults(inner, field));
  }
  return out;
}

/** True when there may be something to fill in, or a null to take out, inside. */
function hasInner(schema: JSONSchemaProps): boolean {
  return (
    schema.properties !== undefined || itemsOf(schema) !== null || additionalOf(schema) !== null
  );
}

/** True when a default may change an object. */
export function hasDefaults(schema: JSONSchemaProps): boolean {
  const known = defaulting.get(schema);
  if (known !== undefined) return known;
  const inner = [
    ...Object.values(schema.properties ?? {}),
    ...[itemsOf(schema), additionalOf(schema)].filter((each) => each !== null),
  ];
  const found = schema.default !== undefined || inner.some(hasDefaults);
  defaulting.set(schema, found);
  return found;
}

const defaulting = new WeakMap<JSONSchemaProps, boolean>();

/** The schema of a list's items; null: none is given. */
export function itemsOf({ items }: JSONSchemaProps): JSONSchemaProps | null {
  return isObject(items) ? (items as JSONSchemaProps) : null;
}

/** The schema of a map's values; null: anything, or there are none. */
export function additionalOf({ additionalProperties }: JSONSchemaProps): JSONSchemaProps | null {
  return isObject(additionalProperties) ? (additionalProperties as JSONSchemaProps) : null;
}

/** What describes the field; null: nothing does. */
export function fieldSchema(schema: JSONSchemaProps, name: string): JSONSchemaProps | null {
  const { properties } = schema;
  if (properties !== undefined && Object.hasOwn(properties, name)) return properties[name] ?? null;
  return additionalOf(schema);
}

function keepsField(schema: JSONSchemaProps, name: string): boolean {
  if (schema["x-kubernetes-preserve-unknown-fields"] === true) return true;
  if (schema.additionalProperties === true) return true;
  return schema["x-kubernetes-embedded-resource"] === true && OF_EVERY_OBJECT.has(name);
}

/** Sets an own member, also when it is called __proto__. */
function setOwn(target: Record<string, JsonValue>, key: string, value: JsonValue): void {
  if (key !== "__proto__") target[key] = value;
  else
    Object.defineProperty(target, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
