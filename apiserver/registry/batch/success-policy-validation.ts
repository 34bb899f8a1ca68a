import {
  type FieldError,
  invalid,
  required,
  tooLong,
  tooMany,
} from "../../../api/machinery/field-errors.js";
import type { JobSpec, SuccessPolicyRule } from "../../../api/schema/types/batch-v1.gen.js";
import { notNegative } from "../common/field-error-builders.js";
import { parseIndexes } from "./parse-indexes.js";

const RULES_MAX = 20;
const INDEXES_BYTES_MAX = 64 * 1024;

/** Checks which successes are enough for the whole job. */
export function validateSuccessPolicy(spec: JobSpec, path: string): FieldError[] {
  if (spec.completionMode !== "Indexed")
    return [invalid(path, spec.successPolicy, "requires indexed completion mode")];
  const rules = spec.successPolicy?.rules ?? [];
  const errors: FieldError[] = [];
  if (rules.length === 0) {
    const text = "at least one rules must be specified when the successPolicy is specified";
    errors.push(required(`${path}.rules`, text));
  }
  if (rules.length > RULES_MAX) errors.push(tooMany(`${path}.rules`, rules.length, RULES_MAX));
  for (const [index, rule] of rules.entries())
    errors.push(...validateRule(rule, spec.completions ?? 0, `${path}.rules[${index}]`));
  return errors;
}

function validateRule(rule: SuccessPolicyRule, completions: number, path: string): FieldError[] {
  const { succeededCount: count, succeededIndexes: indexes } = rule;
  if (count === undefined && indexes === undefined) {
    const text = "at least one of succeededCount or succeededIndexes must be specified";
    return [required(path, text)];
  }
  const errors: FieldError[] = [];
  const parsed = parseIndexes(indexes ?? "", completions);
  const at = `${path}.succeededIndexes`;
  if ((indexes ?? "").length > INDEXES_BYTES_MAX) errors.push(tooLong(at, INDEXES_BYTES_MAX));
  if (!parsed.ok)
    errors.push(invalid(at, indexes, `error parsing succeededIndexes: ${parsed.error}`));
  if (count === undefined) return errors;
  const countPath = `${path}.succeededCount`;
  const atMost = (most: number, what: string): FieldError =>
    invalid(countPath, count, `must be less than or equal to ${most} (the number of ${what})`);
  errors.push(...notNegative(countPath, count));
  if (count > completions) errors.push(atMost(completions, "specified completions"));
  const total = parsed.ok ? parsed.count : 0;
  if (indexes !== undefined && count > total)
    errors.push(atMost(total, "indexes in the specified succeededIndexes field"));
  return errors;
}
