import type { CompiledExpression } from "../../../api/machinery/cel/program.js";
import {
  type FieldError,
  duplicate,
  invalid,
  required,
  tooMany,
} from "../../../api/machinery/field-errors.js";
import { validateQualifiedName } from "../../../api/machinery/names.js";
import type { MatchCondition } from "../../../api/schema/types/admissionregistration-v1.gen.js";
import { invalidEach } from "../common/field-error-builders.js";
import { type PolicyScope, compileConditions } from "./policy-expressions.js";

const CONDITIONS_MAX = 64;

/** Kubernetes' rules for match conditions, of policies and of webhooks. */
export function validateConditions(
  conditions: readonly MatchCondition[],
  scope: PolicyScope,
  path: string,
): FieldError[] {
  const errors: FieldError[] = [];
  if (conditions.length > CONDITIONS_MAX) {
    errors.push(tooMany(path, conditions.length, CONDITIONS_MAX));
  }
  const names = conditions.map(({ name }) => name);
  for (const [index, { name, program }] of compileConditions(conditions, scope).entries()) {
    const at = `${path}[${index}]`;
    const { expression = "" } = conditions[index] ?? {};
    errors.push(...expressionErrors(expression, program, `${at}.expression`, ""));
    if (name === "") errors.push(required(`${at}.name`));
    else {
      errors.push(...invalidEach(`${at}.name`, name, validateQualifiedName(name)));
      if (names.indexOf(name) < index) errors.push(duplicate(`${at}.name`, name));
    }
  }
  return errors;
}

/** What is wrong with an expression that was to be compiled. */
export function expressionErrors(
  expression: string,
  compiled: CompiledExpression,
  path: string,
  missing = `${path.split(".").at(-1) ?? ""} is not specified`,
): FieldError[] {
  if (expression.trim() === "") return [required(path, missing)];
  return compiled.ok ? [] : [invalid(path, expression, compiled.message)];
}
