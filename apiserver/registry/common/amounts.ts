import {
  canonicalQuantity,
  compareQuantities,
  parseQuantity,
  ZERO_QUANTITY,
} from "../../../api/machinery/quantity.js";
import type { Quantity } from "../../../api/schema/wire-types.js";

/**
 * < 0, 0 or > 0. Quantities are checked when they are decoded: a text that is none counts as zero.
 */
export function compareAmounts(a: Quantity, b: Quantity): number {
  return compareQuantities(parseQuantity(a) ?? ZERO_QUANTITY, parseQuantity(b) ?? ZERO_QUANTITY);
}

/** The form in which an amount is shown. */
export function showAmount(amount: Quantity): string {
  return canonicalQuantity(amount) ?? amount;
}
