import { isDeepStrictEqual } from "node:util";
import {
  CelMap,
  type CelValue,
  isList,
  toJson,
  typeNameOf,
} from "../../api/machinery/cel/cel-values.js";
import { applyJsonPatch } from "../../api/machinery/json-patch.js";
import { checkConfig } from "../../api/machinery/managed-fields/check-config.js";
import { mergeValues } from "../../api/machinery/managed-fields/merge-values.js";
import { type Shape, shapeOf } from "../../api/machinery/managed-fields/shape.js";
import { memberShape } from "../../api/machinery/managed-fields/value-fields.js";
import {
  PatchError,
  type PatchObject,
  type PatchValue,
  isPatchList,
  isPatchObject,
} from "../../api/machinery/patch-json.js";
import { typeByName } from "../../api/schema/type-schema.js";
import type { JsonObject, JsonValue } from "../../api/schema/wire-types.js";
import { messageOf } from "../../base/errors.js";

/** What an expression made cannot be done to the object. */
export class MutationError extends Error {
  override readonly name = "MutationError";
}

/** The object with the configuration that an expression made. Throws MutationError. */
export function withConfiguration(
  object: JsonObject,
  made: CelValue,
  typeName: string,
): JsonObject {
  if (!(made instanceof CelMap) || made.typeName !== "Object") {
    throw new MutationError(
      `unsupported return type from ApplyConfiguration expression: ${typeNameOf(made)}`,
    );
  }
  checkTypeNames(made, "Object");
  const { apiVersion, kind } = object;
  const config = { ...(json(made) as JsonObject), apiVersion, kind } as PatchValue;
  const shape = shapeOf(typeByName(typeName));
  const problem = checkConfig(config, shape);
  if (problem !== null) {
    const text = `failed to convert patch object to typed object: ${problem}`;
    throw new MutationError(`error applying patch: ${text}`);
  }
  const atomics = atomicsIn(config, shape, "");
  if (atomics.length > 0) {
    const text = `may not mutate atomic arrays, maps or structs: ${atomics.join(", ")}`;
    throw new MutationError(`error applying patch: invalid ApplyConfiguration: ${text}`);
  }
  const merged = mergeValues(object as PatchValue, config, shape) as JsonObject;
  return isDeepStrictEqual(merged, object) ? object : merged;
}

/** `Object.spec{}` stands in the field spec of `Object{}`, and nowhere else. */
function checkTypeNames(value: CelValue, expected: string): void {
  if (isList(value)) {
    for (const item of value) checkTypeNames(item, expected);
    return;
  }
  if (!(value instanceof CelMap)) return;
  if (value.typeName !== "" && value.typeName !== expected) {
    throw new MutationError(
      `type mismatch: unexpected type name "${value.typeName}", expected "${expected}", which ` +
        "matches field name path from root Object type",
    );
  }
  for (const key of value.keys()) {
    checkTypeNames(value.get(key) ?? null, `${expected}.${typeof key === "string" ? key : ""}`);
  }
}

/** The paths of everything in a configuration that can only be replaced as a whole. */
function atomicsIn(value: PatchValue, shape: Shape, path: string): readonly string[] {
  if (isPatchList(value)) {
    const own = shape.kind === "atomicList" || shape.kind === "any" ? [path] : [];
    if (shape.kind !== "keyed" && shape.kind !== "set") return own;
    return value.flatMap((item, index) => atomicsIn(item, shape.of, `${path}[${index}]`));
  }
  if (!isPatchObject(value)) return [];
  const isAtomic = (shape.kind === "map" || shape.kind === "struct") && shape.atomic;
  const inner = Object.entries(value as PatchObject).flatMap(([key, member]) => {
    const found = member === undefined ? null : memberShape(key, shape);
    return found === null || member === undefined
      ? []
      : atomicsIn(member, found.shape, `${path}.${key}`);
  });
  return isAtomic ? [path, ...inner] : inner;
}

/**
 * The object changed by the JSON patch that an expression made; the same one when a test in it
 * fails. Throws MutationError.
 */
export function withJsonPatch(object: JsonObject, made: CelValue): JsonObject {
  if (!isList(made)) {
    throw new MutationError(`type mismatch: JSONPatchType.expression should evaluate to array`);
  }
  const patch = made.map(operationOf);
  try {
    return applyJsonPatch(object as PatchValue, patch as PatchValue) as JsonObject;
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    if (TEST_FAILED.test(error.message)) return object;
    throw new MutationError(`JSONPath: ${messageOf(error)}`);
  }
}

const TEST_FAILED = /^testing value .* failed/u;

function operationOf(made: CelValue): JsonObject {
  if (!(made instanceof CelMap) || made.typeName !== "JSONPatch") {
    throw new MutationError(
      "type mismatch: JSONPatchType.expression should evaluate to array of JSONPatch, got " +
        `element of ${typeNameOf(made)}`,
    );
  }
  return json(made) as JsonObject;
}

function json(value: CelValue): JsonValue {
  try {
    return toJson(value);
  } catch (error) {
    if (error instanceof TypeError) throw new MutationError(`type mismatch: ${error.message}`);
    throw error;
  }
}
