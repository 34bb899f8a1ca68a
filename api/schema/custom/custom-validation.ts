import {
  type FieldError,
  duplicate,
  invalid,
  notSupported,
  required,
  tooLong,
  typeInvalid,
} from "../../machinery/field-errors.js";
import {
  type RegexBudget,
  RegexBudgetError,
  compileRegex,
} from "../../machinery/regex/linear-regex.js";
import type { JSONSchemaProps } from "../types/apiextensions-v1.gen.js";
import type { JsonObject, JsonValue } from "../wire-types.js";
import { additionalOf, fieldSchema, itemsOf } from "./custom-values.js";
import { canonicalJson } from "./canonical-json.js";
import { formatProblem } from "./custom-formats.js";

/**
 * All that is wrong with a value by its schema, in the reasons of Kubernetes; rules in CEL are in
 * custom-rules.ts. A schema that was accepted has patterns that compile.
 */
export function schemaErrors(
  value: JsonValue,
  schema: JSONSchemaProps,
  path: string,
): readonly FieldError[] {
  return errorsWithin(value, schema, { path, budget: { steps: REGEX_STEPS_MAX } });
}

function errorsWithin(
  value: JsonValue,
  schema: JSONSchemaProps,
  about: Omit<Place, "errors">,
): readonly FieldError[] {
  const errors: FieldError[] = [];
  check(value, schema, { ...about, errors });
  return errors;
}

interface Place {
  readonly path: string;
  readonly errors: FieldError[];
  readonly budget: RegexBudget;
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
  const misfit = pattern === undefined ? null : patternProblem(value, pattern, place.budget);
  if (misfit !== null) say(misfit);
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
    check(item, described, { ...place, path: `${path}[${index}]` });
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
    const text = canonicalJson(identity);
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
    check(value, field, { ...place, path: at });
  }
}

function checkJunctors(value: JsonValue, schema: JSONSchemaProps, place: Place): void {
  const { path, errors } = place;
  const fits = (each: JSONSchemaProps): boolean => errorsWithin(value, each, place).length === 0;
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

/** What all patterns of one object may cost: some 50 ms at the very most, far more than they need. */
const REGEX_STEPS_MAX = 5_000_000;

/** What is wrong with the text by a pattern of RE2, such as `match 'x'`; null: nothing. */
function patternProblem(text: string, pattern: string, budget: RegexBudget): string | null {
  const compiled = compileRegex(pattern);
  // Whoever accepted the schema saw that it compiles.
  if (!compiled.ok) return `match '${pattern}': ${compiled.message}`;
  try {
    return compiled.regex.test(text, budget) ? null : `match '${pattern}'`;
  } catch (error) {
    if (!(error instanceof RegexBudgetError)) throw error;
    return `match '${pattern}': that takes too long to find out`;
  }
}

function shown(value: JsonValue): JsonValue {
  return isObject(value) || Array.isArray(value) ? typeOf(value) : value;
}

function same(a: JsonValue, b: JsonValue): boolean {
  return canonicalJson(a) === canonicalJson(b);
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
