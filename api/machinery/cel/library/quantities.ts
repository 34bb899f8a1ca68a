import {
  type ParsedQuantity,
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  quantityError,
  quantityFromWhole,
  subtractQuantities,
} from "../../quantity.js";
import { CelOpaque, type CelValue, failure } from "../cel-values.js";
import { type Overload, define } from "../overload.js";

const TYPE = "kubernetes.Quantity";
const NANO = 1_000_000_000n;
const INT_MAX = 2n ** 63n;

const of = (value: CelOpaque): ParsedQuantity => value.value as ParsedQuantity;

function made(quantity: ParsedQuantity): CelOpaque {
  return new CelOpaque(TYPE, quantity, String(quantity.nanos));
}

function quantity(text: string): CelValue {
  const parsed = parseQuantity(text);
  return parsed === null ? failure(quantityError(text) ?? "no quantity") : made(parsed);
}

function asInteger(value: CelOpaque): CelValue {
  return isInteger(value) ? of(value).nanos / NANO : failure("cannot convert value to integer");
}

function isInteger(value: CelOpaque): boolean {
  const { nanos } = of(value);
  return nanos % NANO === 0n && nanos / NANO < INT_MAX && nanos / NANO >= -INT_MAX;
}

const compare = (a: CelOpaque, b: CelOpaque): number => compareQuantities(of(a), of(b));

/** Kubernetes' library for quantities. */
export const QUANTITIES: readonly Overload[] = [
  define("quantity(string): Quantity", quantity),
  define("isQuantity(string): bool", (text: string) => parseQuantity(text) !== null),
  define("string(Quantity): string", (a: CelOpaque) => formatQuantity(of(a))),
  define("Quantity.sign(): int", (a: CelOpaque) => {
    const { nanos } = of(a);
    return nanos > 0n ? 1n : nanos < 0n ? -1n : 0n;
  }),
  define(
    "Quantity.isGreaterThan(Quantity): bool",
    (a: CelOpaque, b: CelOpaque) => compare(a, b) > 0,
  ),
  define("Quantity.isLessThan(Quantity): bool", (a: CelOpaque, b: CelOpaque) => compare(a, b) < 0),
  define("Quantity.compareTo(Quantity): int", (a: CelOpaque, b: CelOpaque) =>
    BigInt(Math.sign(compare(a, b))),
  ),
  define("Quantity.asApproximateFloat(): double", (a: CelOpaque) => Number(of(a).nanos) / 1e9),
  define("Quantity.asInteger(): int", asInteger),
  define("Quantity.isInteger(): bool", isInteger),
  define("Quantity.add(Quantity): Quantity", (a: CelOpaque, b: CelOpaque) =>
    made(addQuantities(of(a), of(b))),
  ),
  define("Quantity.add(int): Quantity", (a: CelOpaque, b: bigint) =>
    made(addQuantities(of(a), quantityFromWhole(b))),
  ),
  define("Quantity.sub(Quantity): Quantity", (a: CelOpaque, b: CelOpaque) =>
    made(subtractQuantities(of(a), of(b))),
  ),
  define("Quantity.sub(int): Quantity", (a: CelOpaque, b: bigint) =>
    made(subtractQuantities(of(a), quantityFromWhole(b))),
  ),
];
