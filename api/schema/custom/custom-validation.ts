import {
  type FieldError,
  duplicate,
  invalid,
  notSupported,
  required,
  tooLong,
  typeInvalid,
} from "../../machinery/field-errors.js";
import type { JSONSchemaProps } from "../types/apiextensions-v1.gen.js";
import type { JsonObject, JsonValue } from "../wire-types.js";
import { additionalOf, fieldSchema, itemsOf } from "./custom-values.js";
import { formatProblem } from "./custom-formats.js";

/**
 * All that is wrong with a value by its schema, in the reasons of Kubernetes. Rules in CEL are not
 * evaluated (apiserver/DIVERGENCE.md). A schema that was accepted has patterns that compile.
 */
export function schemaErrors(
  value: JsonValue,
  schema: JSONSchemaProps,
  path: string,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  check(value, schema, { path, errors });
  return errors;
}

interface Place {
  readonly path: string;
  readonly errors: FieldError[];
}

function check(value: JsonValue, schema: JSONSchemaProps, place: Place): void {
  if (value === null && schema.nullable === true) return;
  if (!hasType(value, schema)) {
    const type = schema["x-kubernetes-int-or-string"] === true ? "integer,string" : schema.type;
    const text = `${place.path || "<nil>"} in body must be of type ${type}: "${typeOf(value)}"`;
    place.errors.push(typeInvalid(place.path, shown(value), text));
    return;
  }
  if (schema.enum !== undefined && !schema.enum.some((each) => same(each, value))) {
    place.errors.push(notSupported(place.path, value, schema.enum.map(textOf)));
  }
  if (typeof value === "number") checkNumber(value, schema, place);
  if (typeof value === "string") checkText(value, schema, place);
  if (Array.isArray(value)) checkList(value as readonly JsonValue[], schema, place);
  else if (isObject(value)) checkObject(value, schema, place);
  checkJunctors(value, schema, place);
}

function checkNumber(value: number, schema: JSONSchemaProps, place: Place): void {
  const { maximum, minimum, multipleOf } = schema;
  const say = (rule: string): void => {
    place.errors.push(invalid(place.path, value, `${place.path} in body should be ${rule}`));
  };
  if (maximum !== undefined) {
    if (schema.exclusiveMaximum === true && value >= maximum) say(`less than ${maximum}`);
    else if (value > maximum) say(`less than or equal to ${maximum}`);
  }
  if (minimum !== undefined) {
    if (schema.exclusiveMinimum === true && value <= minimum) say(`greater than ${minimum}`);
    else if (value < minimum) say(`greater than or equal to ${minimum}`);
  }
  if (multipleOf !== undefined && !Number.isInteger(value / multipleOf)) {
    say(`a multiple of ${multipleOf}`);
  }
  const problem = formatProblem(value, schema.format ?? "");
  if (problem !== null) say(problem);
}

function checkText(value: string, schema: JSONSchemaProps, place: Place): void {
  const { maxLength, minLength, pattern } = schema;
  const length = Array.from(value, () => 1).length;
  const say = (rule: string): void => {
    place.errors.push(invalid(place.path, value, `${place.path} in body should ${rule}`));
  };
  if (maxLength !== undefined && length > maxLength) {
    place.errors.push(tooLong(place.path, maxLength));
  }
  if (minLength !== undefined && length < minLength) say(`be at least ${minLength} chars long`);
  if (pattern !== undefined && !patternOf(pattern).test(value)) say(`match '${pattern}'`);
  const problem = formatProblem(value, schema.format ?? "");
  if (problem !== null) say(`be ${problem}`);
}

function checkList(items: readonly JsonValue[], schema: JSONSchemaProps, place: Place): void {
  const { maxItems, minItems } = schema;
  const { path, errors } = place;
  if (maxItems !== undefined && items.length > maxItems) {
    const detail = `must have at most ${maxItems} items`;
    errors.push({ type: "FieldValueTooMany", field: path, badValue: items.length, detail });
  }
  if (minItems !== undefined && items.length < minItems) {
    const text = `${path} in body should have at least ${minItems} items`;
    errors.push(invalid(path, items.length, text));
  }
  checkUnique(items, schema, place);
  const described = itemsOf(schema);
  if (described === null) return;
  for (const [index, item] of items.entries()) {
    check(item, described, { path: `${path}[${index}]`, errors });
  }
}

/** Sets have no equal items, map-like lists none with equal keys. */
function checkUnique(items: readonly JsonValue[], schema: JSONSchemaProps, place: Place): void {
  const listType = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  if (listType !== "set" && listType !== "map" && schema.uniqueItems !== true) return;
  const seen = new Set<string>();
  for (const [index, item] of items.entries()) {
    const identity = listType === "map" && isObject(item) ? keysOf(item, keys) : item;
    const text = canonical(identity);
    if (seen.has(text)) place.errors.push(duplicate(`${place.path}[${index}]`, identity));
    seen.add(text);
  }
}

function keysOf(item: JsonObject, keys: readonly string[]): JsonObject {
  return Object.fromEntries(keys.map((key) => [key, item[key]]));
}

function checkObject(object: JsonObject, schema: JSONSchemaProps, place: Place): void {
  const { path, errors } = place;
  for (const name of schema.required ?? []) {
    if (object[name] === undefined) errors.push(required(join(path, name)));
  }
  const count = Object.keys(object).length;
  const { maxProperties, minProperties } = schema;
  if (maxProperties !== undefined && count > maxProperties) {
    const detail = `must have at most ${maxProperties} items`;
    errors.push({ type: "FieldValueTooMany", field: path, badValue: count, detail });
  }
  if (minProperties !== undefined && count < minProperties) {
    errors.push(
      invalid(path, count, `${path} in body should have at least ${minProperties} properties`),
    );
  }
  const described = additionalOf(schema);
  for (const [name, value] of Object.entries(object)) {
    const field = fieldSchema(schema, name);
    if (field === null || value === undefined) continue;
    const at = field === described ? `${path}.${name}` : join(path, name);
    check(value, field, { path: at, errors });
  }
}

function checkJunctors(value: JsonValue, schema: JSONSchemaProps, place: Place): void {
  const { path, errors } = place;
  const fits = (each: JSONSchemaProps): boolean => schemaErrors(value, each, path).length === 0;
  const say = (rule: string): void => {
    errors.push(invalid(path, shown(value), `"${path}" ${rule}`));
  };
  for (const each of schema.allOf ?? []) check(value, each, place);
  if (schema.anyOf !== undefined && !schema.anyOf.some(fits)) {
    say("must validate at least one schema (anyOf)");
  }
  if (schema.oneOf !== undefined) {
    const count = schema.oneOf.filter(fits).length;
    if (count === 0) say("must validate one and only one schema (oneOf). Found none valid");
    if (count > 1) {
      say(`must validate one and only one schema (oneOf). Found ${count} valid alternatives`);
    }
  }
  if (schema.not !== undefined && fits(schema.not)) say("must not validate the schema (not)");
}

function hasType(value: JsonValue, schema: JSONSchemaProps): boolean {
  if (schema["x-kubernetes-int-or-string"] === true) {
    return typeof value === "string" || Number.isInteger(value);
  }
  switch (schema.type ?? "") {
    case "":
      return true;
    case "integer":
      return Number.isInteger(value);
    case "number":
      return typeof value === "number";
    default:
      return typeOf(value) === schema.type;
  }
}

/** The type of a value as JSON schema calls it. */
function typeOf(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (typeof value === "number") return Number.isInteger(value) ? "integer" : "number";
  return typeof value;
}

const patterns = new Map<string, RegExp>();
const PATTERNS_MAX = 1_000;

/** Patterns are of Go's RE2; whoever accepted the schema saw that this one compiles here. */
function patternOf(text: string): RegExp {
  const known = patterns.get(text);
  if (known !== undefined) return known;
  const compiled = compiledPattern(text) ?? /(?:)/u;
  if (patterns.size >= PATTERNS_MAX) patterns.clear();
  patterns.set(text, compiled);
  return compiled;
}

/** A pattern of a schema; null: it does not compile. */
export function compiledPattern(text: string): RegExp | null {
  // What RE2 has and JavaScript has not: flags at the front, \A and \z, POSIX classes.
  const flags = /^\(\?([is]+)\)/u.exec(text)?.[1] ?? "";
  const body = text
    .replace(/^\(\?[is]+\)/u, "")
    .replaceAll("\\A", "^")
    .replaceAll("\\z", "$")
    .replaceAll("[:alnum:]", "a-zA-Z0-9")
    .replaceAll("[:alpha:]", "a-zA-Z")
    .replaceAll("[:digit:]", "0-9");
  for (const extra of ["u", ""]) {
    try {
      return new RegExp(body, flags + extra);
    } catch {
      // The stricter reading refuses escapes that RE2 takes.
    }
  }
  return null;
}

function shown(value: JsonValue): JsonValue {
  return isObject(value) || Array.isArray(value) ? typeOf(value) : value;
}

function same(a: JsonValue, b: JsonValue): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: JsonValue): string {
  if (Array.isArray(value)) return `[${(value as readonly JsonValue[]).map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "";
  const members = Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, each]) => `${JSON.stringify(key)}:${canonical(each ?? null)}`);
  return `{${members.join(",")}}`;
}

function textOf(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function join(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
