import type { JsonObject, JsonValue } from "../wire-types.js";

/** One step of a path: a field, an item by number, every item, or the items that have a value. */
export type JsonPathStep =
  | { readonly kind: "field"; readonly name: string }
  | { readonly kind: "index"; readonly index: number }
  | { readonly kind: "every" }
  | { readonly kind: "filter"; readonly path: readonly string[]; readonly value: string };

const STEP =
  /^(?:\.([A-Za-z_$][\w$-]*)|\.\*|\[(-?\d+)\]|\[\*\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]|\[\?\(@((?:\.[\w$-]+)+)\s*==\s*(?:"([^"]*)"|'([^']*)')\)\]|\.((?:[\w$-]|\\.)+))/u;

/**
 * Reads the part of JSONPath that columns, scale paths and selectable fields use, such as
 * `.status.conditions[?(@.type=="Ready")].status`. Null: it is none, or uses more than that.
 */
export function parseJsonPath(text: string): readonly JsonPathStep[] | null {
  const steps: JsonPathStep[] = [];
  let rest = text.replace(/^\{(.*)\}$/u, "$1").replace(/^\$/u, "");
  while (rest !== "") {
    const match = STEP.exec(rest);
    if (match === null) return null;
    steps.push(stepOf(match));
    rest = rest.slice(match[0].length);
  }
  return steps.length === 0 ? null : steps;
}

function stepOf(match: RegExpExecArray): JsonPathStep {
  const [whole, plain, index, single, double, path, value, other, escaped] = match;
  if (whole === ".*" || whole === "[*]") return { kind: "every" };
  if (index !== undefined) return { kind: "index", index: Number(index) };
  if (path !== undefined) {
    return { kind: "filter", path: path.slice(1).split("."), value: value ?? other ?? "" };
  }
  const name = plain ?? single ?? double ?? escaped ?? "";
  return { kind: "field", name: name.replaceAll(/\\(.)/gu, "$1") };
}

/** What a path finds in a value, in order; nothing where a step leads nowhere. */
export function findByPath(value: JsonValue, steps: readonly JsonPathStep[]): JsonValue[] {
  let found: JsonValue[] = [value];
  for (const step of steps) found = found.flatMap((each) => take(each, step));
  return found;
}

/** The fields of a path that names nothing else; null for one that does. */
export function plainFields(steps: readonly JsonPathStep[]): readonly string[] | null {
  const names = steps.map((step) => (step.kind === "field" ? step.name : null));
  return names.includes(null) ? null : (names as string[]);
}

/** A copy of the object in which the field has this value; objects on the way are made. */
export function withField(
  object: JsonObject,
  [name, ...rest]: readonly string[],
  value: JsonValue,
): JsonObject {
  if (name === undefined) return object;
  if (rest.length === 0) return { ...object, [name]: value };
  const inner = object[name];
  return { ...object, [name]: withField(isObject(inner) ? inner : {}, rest, value) };
}

function take(value: JsonValue, step: JsonPathStep): JsonValue[] {
  switch (step.kind) {
    case "field": {
      if (!isObject(value) || !Object.hasOwn(value, step.name)) return [];
      const inner = value[step.name];
      return inner === undefined ? [] : [inner];
    }
    case "index": {
      if (!Array.isArray(value)) return [];
      const item = (value as readonly JsonValue[]).at(step.index);
      return item === undefined ? [] : [item];
    }
    case "every":
      if (Array.isArray(value)) return [...(value as readonly JsonValue[])];
      return isObject(value) ? (Object.values(value) as JsonValue[]) : [];
    case "filter": {
      if (!Array.isArray(value)) return [];
      const path = step.path.map((name) => ({ kind: "field", name }) as const);
      return (value as readonly JsonValue[]).filter((item) =>
        findByPath(item, path).some((each) => textOf(each) === step.value),
      );
    }
  }
}

function textOf(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
