import {
  type FieldError,
  forbidden,
  invalid,
  notSupported,
  required,
} from "../../../api/machinery/field-errors.js";
import { type CompiledRule, compileRules } from "../../../api/schema/custom/custom-rules.js";
import { fieldSchema } from "../../../api/schema/custom/custom-values.js";
import type {
  JSONSchemaProps,
  ValidationRule,
} from "../../../api/schema/types/apiextensions-v1.gen.js";

const REASONS = [
  "FieldValueRequired",
  "FieldValueForbidden",
  "FieldValueInvalid",
  "FieldValueDuplicate",
];

/**
 * What keeps the rules in CEL on a schema from being rules; those further in are looked at by
 * themselves. Texts: apiextensions-apiserver, pkg/apis/apiextensions/validation.
 */
export function ruleErrors(
  schema: JSONSchemaProps,
  place: { readonly path: string; readonly depth: number; readonly uncorrelated: string | null },
): readonly FieldError[] {
  const at = `${place.path}.x-kubernetes-validations`;
  const errors: FieldError[] = [];
  for (const [index, rule] of (schema["x-kubernetes-validations"] ?? []).entries()) {
    errors.push(...shapeErrors(rule, schema, `${at}[${index}]`));
  }
  for (const [index, compiled] of compileRules(schema, place.depth === 0).entries()) {
    errors.push(...compileErrors(compiled, { at: `${at}[${index}]`, ...place }));
  }
  for (const word of ["anyOf", "oneOf"] as const) {
    for (const [index, inner] of (schema[word] ?? []).entries()) {
      errors.push(...forbiddenIn(inner, `${place.path}.${word}[${index}]`));
    }
  }
  return schema.not === undefined
    ? errors
    : [...errors, ...forbiddenIn(schema.not, `${place.path}.not`)];
}

function forbiddenIn(schema: JSONSchemaProps, path: string): readonly FieldError[] {
  if (schema["x-kubernetes-validations"] === undefined) return [];
  return [forbidden(`${path}.x-kubernetes-validations`, "must be empty to be structural")];
}

function shapeErrors(rule: ValidationRule, schema: JSONSchemaProps, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const { message = "", messageExpression = "", reason, fieldPath = "" } = rule;
  if (rule.rule.trim() === "") errors.push(required(`${at}.rule`, "rule is not specified"));
  if (message !== "" && message.trim() === "") {
    errors.push(invalid(`${at}.message`, message, "message must be non-empty if specified"));
  } else if (message.includes("\n")) {
    errors.push(invalid(`${at}.message`, message, "message must not contain line breaks"));
  } else if (rule.rule.trim().includes("\n") && message === "") {
    const text = "message must be specified if rule contains line breaks";
    errors.push(required(`${at}.message`, text));
  }
  if (messageExpression !== "" && messageExpression.trim() === "") {
    const text = "must be non-empty if specified";
    errors.push(required(`${at}.messageExpression`, text));
  }
  if (reason !== undefined && !REASONS.includes(reason)) {
    errors.push(notSupported(`${at}.reason`, reason, REASONS));
  }
  if (fieldPath !== "") {
    const problem = fieldPathProblem(fieldPath, schema);
    if (problem !== null) errors.push(invalid(`${at}.fieldPath`, fieldPath, problem));
  }
  return errors;
}

const STEP = /^(?:\.([A-Za-z_$][\w$-]*)|\['((?:[^'\\]|\\.)*)'\])/u;

/** Why a path leads to no field of the schema; null: it does. */
function fieldPathProblem(fieldPath: string, schema: JSONSchemaProps): string | null {
  if (fieldPath.includes("\n")) return "fieldPath must not contain line breaks";
  let rest = fieldPath;
  let inner: JSONSchemaProps | null = schema;
  while (rest !== "" && inner !== null) {
    const match = STEP.exec(rest);
    if (match === null) return `fieldPath must be a valid path: unexpected ${JSON.stringify(rest)}`;
    const name = match[1] ?? (match[2] ?? "").replaceAll(/\\(.)/gu, "$1");
    inner = match[1] === undefined ? fieldSchema(inner, name) : ownField(inner, name);
    rest = rest.slice(match[0].length);
  }
  return inner === null ? "fieldPath must be a valid path: does not refer to a valid field" : null;
}

function ownField({ properties = {} }: JSONSchemaProps, name: string): JSONSchemaProps | null {
  return Object.hasOwn(properties, name) ? (properties[name] ?? null) : null;
}

function compileErrors(
  { rule, program, message, usesOldSelf }: CompiledRule,
  { at, uncorrelated }: { readonly at: string; readonly uncorrelated: string | null },
): readonly FieldError[] {
  if (rule.rule.trim() === "") return [];
  const errors: FieldError[] = [];
  if (!program.ok) {
    const text = program.message.replace(/^must evaluate to .*/u, NOT_BOOL);
    errors.push(invalid(`${at}.rule`, rule, text));
  }
  if (message?.ok === false && (rule.messageExpression ?? "").trim() !== "") {
    const text = message.message.replace(/^must evaluate to .*/u, "must evaluate to a string");
    errors.push(invalid(`${at}.messageExpression`, rule, `messageExpression ${text}`));
  }
  if (usesOldSelf && uncorrelated !== null) {
    const text = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${uncorrelated}`;
    errors.push(invalid(`${at}.rule`, rule.rule, text));
  }
  if (program.ok && !usesOldSelf && rule.optionalOldSelf !== undefined) {
    const text = "may not be set if oldSelf is not used in rule";
    errors.push(invalid(`${at}.optionalOldSelf`, rule.optionalOldSelf, text));
  }
  return errors;
}

const NOT_BOOL = "cel expression must evaluate to a bool";
