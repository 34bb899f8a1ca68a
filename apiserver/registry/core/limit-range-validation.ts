import {
  duplicate,
  type FieldError,
  forbidden,
  invalid,
  required,
} from "../../../api/machinery/field-errors.js";
import { validateQualifiedName } from "../../../api/machinery/names.js";
import { parseQuantity, ZERO_QUANTITY } from "../../../api/machinery/quantity.js";
import type { LimitRange, LimitRangeItem } from "../../../api/schema/types/core-v1.gen.js";
import type { Quantity } from "../../../api/schema/wire-types.js";
import { compareAmounts, showAmount } from "../common/amounts.js";
import { invalidEach } from "../common/field-error-builders.js";
import {
  validateContainerResourceName,
  validateResourceQuantity,
} from "../pod/resource-validation.js";

/** Checks a LimitRange. */
export function validateLimitRange({ spec }: LimitRange): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [index, item] of spec.limits.entries()) {
    const path = `spec.limits[${index}]`;
    errors.push(...invalidEach(`${path}.type`, item.type, validateQualifiedName(item.type)));
    if (seen.has(item.type)) errors.push(duplicate(`${path}.type`, item.type));
    seen.add(item.type);
    errors.push(...validateItem(item, path));
  }
  return errors;
}

const BOUNDS = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const;

function validateItem(item: LimitRangeItem, path: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const field of BOUNDS)
    for (const [name, amount] of Object.entries(item[field] ?? {})) {
      const at = `${path}.${field}[${name}]`;
      errors.push(...validateName(item.type, name, at));
      errors.push(...validateResourceQuantity(name, amount, at));
    }
  if (item.type === "Pod")
    for (const field of ["default", "defaultRequest"] as const)
      if (Object.keys(item[field] ?? {}).length > 0) {
        const text = "may not be specified when `type` is 'Pod'";
        errors.push(forbidden(`${path}.${field}`, text));
      }
  const bounded = item.min?.["storage"] !== undefined || item.max?.["storage"] !== undefined;
  if (item.type === "PersistentVolumeClaim" && !bounded) {
    const text = "either minimum or maximum storage value is required, but neither was provided";
    errors.push(required("spec.limits", text));
  }
  for (const name of namesOf(item)) errors.push(...validateOrder(item, name, path));
  return errors;
}

/** `Storage` of a claim, or what a container can ask for. */
function validateName(type: string, name: string, path: string): FieldError[] {
  if (type === "Pod" || type === "Container") return validateContainerResourceName(name, path);
  return invalidEach(path, name, validateQualifiedName(name));
}

function namesOf(item: LimitRangeItem): string[] {
  return [...new Set(BOUNDS.flatMap((field) => Object.keys(item[field] ?? {})))].sort();
}

/** min ≤ defaultRequest ≤ default ≤ max, as far as they are stated. */
function validateOrder(item: LimitRangeItem, name: string, path: string): FieldError[] {
  const min = item.min?.[name];
  const max = item.max?.[name];
  const request = item.defaultRequest?.[name];
  const limit = item.default?.[name];
  const errors: FieldError[] = [];
  const above = (a: Quantity | undefined, b: Quantity | undefined): boolean =>
    a !== undefined && b !== undefined && compareAmounts(a, b) > 0;
  const report = (field: (typeof BOUNDS)[number], a: Quantity, text: string): void => {
    errors.push(invalid(`${path}.${field}[${name}]`, showAmount(a), text));
  };
  const says = (what: string, a: Quantity, than: string): string =>
    `${what} value ${showAmount(a)} is greater than ${than}`;
  if (above(min, max)) report("min", min ?? "", says("min", min ?? "", `max value ${max}`));
  if (above(min, request))
    report(
      "defaultRequest",
      request ?? "",
      says("min", min ?? "", `default request value ${request}`),
    );
  if (above(request, max))
    report(
      "defaultRequest",
      request ?? "",
      says("default request", request ?? "", `max value ${max}`),
    );
  if (above(request, limit))
    report(
      "defaultRequest",
      request ?? "",
      says("default request", request ?? "", `default limit value ${limit}`),
    );
  if (above(min, limit))
    report("default", min ?? "", says("min", min ?? "", `default value ${limit}`));
  if (above(limit, max))
    report("default", limit ?? "", says("default", limit ?? "", `max value ${max}`));
  return [...errors, ...validateRatio(item, name, path)];
}

function validateRatio(item: LimitRangeItem, name: string, path: string): FieldError[] {
  const ratio = item.maxLimitRequestRatio?.[name];
  if (ratio === undefined) return [];
  const at = `${path}.maxLimitRequestRatio[${name}]`;
  const errors: FieldError[] = [];
  if (compareAmounts(ratio, "1") < 0)
    errors.push(invalid(at, showAmount(ratio), `ratio ${showAmount(ratio)} is less than 1`));
  const [min, max] = [nanosOf(item.min?.[name]), nanosOf(item.max?.[name])];
  if (min === null || max === null || min === 0n) return errors;
  // A ratio r is too large when r > max / min, that is r · min > max.
  const scaled = (nanosOf(ratio) ?? 0n) * min;
  if (scaled <= max * 1_000_000_000n) return errors;
  const most = (Number(max) / Number(min)).toFixed(6);
  const text = `ratio ${showAmount(ratio)} is greater than max/min = ${most}`;
  return [...errors, invalid(at, showAmount(ratio), text)];
}

function nanosOf(amount: Quantity | undefined): bigint | null {
  return amount === undefined ? null : (parseQuantity(amount) ?? ZERO_QUANTITY).nanos;
}
