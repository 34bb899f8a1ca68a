import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { compileRegex } from "../../../api/machinery/regex/linear-regex.js";
import { schemaErrors } from "../../../api/schema/custom/custom-validation.js";
import { additionalOf, itemsOf, pruned } from "../../../api/schema/custom/custom-values.js";
import { ruleErrors } from "./validation-rules.js";
import type { JSONSchemaProps } from "../../../api/schema/types/apiextensions-v1.gen.js";
import type { JsonValue } from "../../../api/schema/wire-types.js";

const TYPES = ["array", "boolean", "integer", "number", "object", "string"];
const LIST_TYPES = ["atomic", "map", "set"];
const MAP_TYPES = ["atomic", "granular"];
/** What structural schemas do without (KEP-1152). */
const UNUSABLE = ["$ref", "definitions", "dependencies", "patternProperties", "additionalItems"];
const DEPTH_MAX = 64;

/**
 * What keeps a schema from being structural: every value has a type, and what is said inside
 * allOf, anyOf, oneOf and not only narrows what is described outside of them.
 */
export function structuralErrors(schema: JSONSchemaProps, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (schema.type !== "object") {
    errors.push(
      schema.type === undefined
        ? required(`${path}.type`, "must not be empty at the root")
        : invalid(`${path}.type`, schema.type, "must be object at the root"),
    );
  }
  walk(schema, { path, depth: 0, errors, uncorrelated: null });
  return errors;
}

interface Place {
  readonly path: string;
  readonly depth: number;
  readonly errors: FieldError[];
  /** The path of the list around, whose items have no value before; null: there is none. */
  readonly uncorrelated: string | null;
}

function walk(schema: JSONSchemaProps, place: Place): void {
  const { path, depth, errors } = place;
  if (depth > DEPTH_MAX) {
    errors.push(invalid(path, depth, `must not be nested deeper than ${DEPTH_MAX} levels`));
    return;
  }
  checkType(schema, place);
  checkWords(schema, place);
  checkExtensions(schema, place);
  checkDefault(schema, place);
  errors.push(...ruleErrors(schema, place));
  const inner = { ...place, depth: depth + 1 };
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    walk(field, { ...inner, path: `${path}.properties[${name}]` });
  }
  const additional = additionalOf(schema);
  if (additional !== null) walk(additional, { ...inner, path: `${path}.additionalProperties` });
  const items = itemsOf(schema);
  if (items === null) return;
  // Items of other lists cannot be told from those that were there before.
  const uncorrelated = schema["x-kubernetes-list-type"] === "map" ? place.uncorrelated : path;
  walk(items, {
    ...inner,
    path: `${path}.items`,
    uncorrelated: place.uncorrelated ?? uncorrelated,
  });
}

function checkType(schema: JSONSchemaProps, { path, errors }: Place): void {
  const { type = "" } = schema;
  const open = schema["x-kubernetes-preserve-unknown-fields"] === true;
  const either = schema["x-kubernetes-int-or-string"] === true;
  if (type === "") {
    if (!open && !either) {
      errors.push(required(`${path}.type`, "must not be empty for specified object fields"));
    }
  } else if (either) {
    const text = "must be empty if x-kubernetes-int-or-string is true";
    errors.push(invalid(`${path}.type`, type, text));
  } else if (!TYPES.includes(type)) {
    errors.push(notSupported(`${path}.type`, type, TYPES));
  }
  if (type === "array" && itemsOf(schema) === null) {
    const text = Array.isArray(schema.items)
      ? "items must be a schema object and not an array"
      : "";
    errors.push(
      text === ""
        ? required(`${path}.items`, "must be specified")
        : forbidden(`${path}.items`, text),
    );
  }
}

function checkWords(schema: JSONSchemaProps, { path, errors }: Place): void {
  for (const word of UNUSABLE) {
    if ((schema as unknown as Record<string, unknown>)[word] !== undefined) {
      errors.push(forbidden(`${path}.${word}`, `${word} is not supported`));
    }
  }
  if (schema.uniqueItems === true) {
    const text = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
    errors.push(forbidden(`${path}.uniqueItems`, text));
  }
  if (schema.additionalProperties === false) {
    errors.push(forbidden(`${path}.additionalProperties`, "must not be false"));
  }
  if (schema.additionalProperties !== undefined && schema.properties !== undefined) {
    const text = "additionalProperties and properties are mutual exclusive";
    errors.push(forbidden(`${path}.additionalProperties`, text));
  }
  const compiled = schema.pattern === undefined ? null : compileRegex(schema.pattern);
  if (compiled?.ok === false) {
    const text = `must be a valid regular expression, but isn't: ${compiled.message}`;
    errors.push(invalid(`${path}.pattern`, schema.pattern, text));
  }
}

function checkExtensions(schema: JSONSchemaProps, { path, errors }: Place): void {
  const listType = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  if (listType !== undefined) {
    const at = `${path}.x-kubernetes-list-type`;
    if (!LIST_TYPES.includes(listType)) errors.push(notSupported(at, listType, LIST_TYPES));
    else if (schema.type !== "array") {
      errors.push(
        invalid(
          `${path}.type`,
          schema.type ?? "",
          `must be array if x-kubernetes-list-type is ${listType}`,
        ),
      );
    }
  }
  if (listType === "map" && keys.length === 0) {
    const text = "must not be empty if x-kubernetes-list-type is map";
    errors.push(required(`${path}.x-kubernetes-list-map-keys`, text));
  }
  const item = itemsOf(schema);
  for (const [index, key] of listType === "map" ? keys.entries() : []) {
    const field = item?.properties?.[key];
    const at = `${path}.x-kubernetes-list-map-keys[${index}]`;
    if (field === undefined) {
      errors.push(invalid(at, key, "entries must all be names of item properties"));
    } else if (field.default === undefined && !(item?.required ?? []).includes(key)) {
      const text =
        "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
      errors.push(required(`${path}.items.properties[${key}].default`, text));
    }
  }
  const mapType = schema["x-kubernetes-map-type"];
  if (mapType !== undefined && !MAP_TYPES.includes(mapType)) {
    errors.push(notSupported(`${path}.x-kubernetes-map-type`, mapType, MAP_TYPES));
  }
  if (schema["x-kubernetes-embedded-resource"] === true && schema.type !== "object") {
    const text = "must be object if x-kubernetes-embedded-resource is true";
    errors.push(invalid(`${path}.type`, schema.type ?? "", text));
  }
}

/** A default is a value that the schema accepts, and holds nothing that it does not describe. */
function checkDefault(schema: JSONSchemaProps, { path, errors }: Place): void {
  const value: JsonValue | undefined = schema.default;
  if (value === undefined) return;
  const unknown: string[] = [];
  pruned(value, schema, { path: "", unknown });
  if (unknown.length > 0) {
    errors.push(invalid(`${path}.default`, value, "must not have unknown fields"));
  }
  errors.push(...schemaErrors(value, schema, `${path}.default`));
}
