import {
  BOOL,
  type CelType,
  DOUBLE,
  DYN,
  INT,
  type ObjectField,
  STRING,
  listOf,
  mapOf,
} from "../../../api/machinery/cel/cel-types.js";
import { escapeName } from "../../../api/machinery/cel/json.js";
import { type KindInfo, kindByResource } from "../../../api/schema/kinds.js";
import { type FieldType, type TypeSchema, typeByName } from "../../../api/schema/type-schema.js";
import type {
  ExpressionWarning,
  MatchResources,
  NamedRuleWithOperations,
  ValidatingAdmissionPolicySpec,
} from "../../../api/schema/types/admissionregistration-v1.gen.js";
import { compileValidations, compileVariables } from "./policy-expressions.js";

/** More kinds than this are not looked at, as in Kubernetes. */
const KINDS_MAX = 10;

/**
 * What in the validations of a policy does not fit the types of the objects that it is about, of
 * kinds of our own that its rules name. Whatever does not compile at all is not looked at.
 */
export function typeWarnings(spec: ValidatingAdmissionPolicySpec): readonly ExpressionWarning[] {
  const warnings = new Map<string, string[]>();
  const { variables = [], validations = [] } = spec;
  const params = spec.paramKind !== undefined;
  const anything = compileVariables(variables, { params });
  const loose = compileValidations(validations, anything.types);
  for (const kind of namedKinds(spec.matchConstraints)) {
    const objectType = typeOf(typeByName(kind.typeName));
    const { types } = compileVariables(variables, { params, objectType });
    const strict = compileValidations(validations, types);
    for (const [index, { program, message }] of strict.entries()) {
      const at = `spec.validations[${index}]`;
      const fields = [
        [`${at}.expression`, program, loose[index]?.program],
        [`${at}.messageExpression`, message, loose[index]?.message],
      ] as const;
      for (const [field, compiled, before] of fields) {
        if (compiled?.ok !== false || before?.ok !== true) continue;
        const text = compiled.message.replace("compilation failed: ", "");
        const shown = `${kind.group === "" ? "/" : ""}${kind.apiVersion}, Kind=${kind.kind}: ${text}`;
        warnings.set(field, [...(warnings.get(field) ?? []), shown]);
      }
    }
  }
  return [...warnings].map(([fieldRef, texts]) => ({ fieldRef, warning: texts.join("\n") }));
}

function namedKinds(constraints: MatchResources | undefined): readonly KindInfo[] {
  const kinds = (constraints?.resourceRules ?? []).flatMap(kindsOfRule);
  return [...new Set(kinds)].slice(0, KINDS_MAX);
}

function kindsOfRule(rule: NamedRuleWithOperations): readonly KindInfo[] {
  const { apiGroups = [], apiVersions = [], resources = [] } = rule;
  return apiGroups.flatMap((group) =>
    apiVersions.flatMap((version) =>
      resources.flatMap((resource) => kindByResource(group, version, resource) ?? []),
    ),
  );
}

const types = new Map<TypeSchema, CelType>();

function typeOf(schema: TypeSchema): CelType {
  const known = types.get(schema);
  if (known !== undefined) return known;
  const fields = new Map<string, ObjectField>();
  const type: CelType = { kind: "object", name: schema.name, fields };
  // Kept before its fields are looked at: types contain themselves.
  types.set(schema, type);
  for (const { name, type: fieldType } of schema.fields) {
    const field = { type: fieldTypeOf(fieldType), jsonName: name };
    fields.set(name, field);
    const escaped = escapeName(name);
    if (escaped !== null) fields.set(escaped, field);
  }
  return type;
}

function fieldTypeOf(type: FieldType): CelType {
  switch (type.kind) {
    case "message":
      return typeOf(type.type);
    case "list":
      return listOf(fieldTypeOf(type.of));
    case "map":
      return mapOf(STRING, fieldTypeOf(type.of));
    default:
      return SCALARS.get(type.scalar) ?? DYN;
  }
}

/** Times, quantities and the like are texts in objects; what they mean is for the expression. */
const SCALARS: ReadonlyMap<string, CelType> = new Map([
  ["string", STRING],
  ["bool", BOOL],
  ["int32", INT],
  ["int64", INT],
  ["double", DOUBLE],
]);
