/*
 * Amounts of resources such as "100m", "1.5Gi" or "2e3", exact to a billionth (k8s.io/apimachinery,
 * pkg/api/resource). Never floats: an amount is a BigInt of billionths.
 */

/** The family of suffixes an amount was written with, and is written back with. */
export type QuantityFormat = "DecimalSI" | "BinarySI" | "DecimalExponent";

/** A parsed amount. */
export interface ParsedQuantity {
  /** The amount in billionths; at most ±(2⁶³ − 1) × 10⁹. */
  readonly nanos: bigint;
  readonly format: QuantityFormat;
}

/** What a text that is no amount is told, as clients know it. */
export const QUANTITY_FORMAT_ERROR =
  "quantities must match the regular expression " +
  "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX_ERROR = "unable to parse quantity's suffix";

const TEXT_LENGTH_MAX = 256;
const NANO = 1_000_000_000n;
const MAX_NANOS = (2n ** 63n - 1n) * NANO;
const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/;
const EXPONENT = /^[eE]([+-]?\d+)$/;
/**
 * Texts that are their own canonical form: one to three digits without a leading zero, and a usual
 * suffix.
 */
const CANONICAL = /^[1-9]\d{0,2}(?:m|k|M|G|Ki|Mi|Gi)?$/;

/** Power of ten of each decimal suffix. */
const DECIMAL_SUFFIXES: ReadonlyMap<string, number> = new Map([
  ["n", -9],
  ["u", -6],
  ["m", -3],
  ["", 0],
  ["k", 3],
  ["M", 6],
  ["G", 9],
  ["T", 12],
  ["P", 15],
  ["E", 18],
]);
const DECIMAL_NAMES: ReadonlyMap<number, string> = new Map(
  [...DECIMAL_SUFFIXES].map(([suffix, exponent]) => [exponent, suffix] as const),
);
const BINARY_NAMES = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];

/** Zero. */
export const ZERO_QUANTITY: ParsedQuantity = { nanos: 0n, format: "DecimalSI" };

/**
 * Reads an amount; null when it is none (quantityError says why). What is finer than a billionth is
 * rounded away from zero: who asks for something gets something. What is too large becomes the
 * largest amount there is.
 */
export function parseQuantity(text: string): ParsedQuantity | null {
  // Nobody means that many digits; the time to read them grows with their square.
  if (text.length > TEXT_LENGTH_MAX) return null;
  const match = SHAPE.exec(text);
  if (match === null) return null;
  const [, sign = "", whole = "", fraction = "", suffix = ""] = match;
  if (whole === "" && fraction === "") return null;
  const unit = parseSuffix(suffix);
  if (unit === null) return null;
  const digits = BigInt(`${whole}${fraction}`);
  // The exponent that 19 digits can need is small; beyond that the result is 0 or the maximum
  // anyway.
  const exponent = Math.max(-400, Math.min(400, unit.exponent)) + 9 - fraction.length;
  const nanos = scaleRoundingUp(digits * unit.factor, exponent);
  const capped = nanos > MAX_NANOS ? MAX_NANOS : nanos;
  return { nanos: sign === "-" ? -capped : capped, format: unit.format };
}

/** Why a text is no amount, in the words clients know; null when it is one. */
export function quantityError(text: string): string | null {
  if (parseQuantity(text) !== null) return null;
  const match = SHAPE.exec(text);
  return match === null || `${match[2] ?? ""}${match[3] ?? ""}` === ""
    ? QUANTITY_FORMAT_ERROR
    : SUFFIX_ERROR;
}

/**
 * The form in which an amount is stored and shown: the largest suffix that leaves an integer
 * ("1000m" is "1", "1024Mi" is "1Gi"). Null when the text is no amount.
 */
export function canonicalQuantity(text: string): string | null {
  if (CANONICAL.test(text)) return text;
  const parsed = parseQuantity(text);
  return parsed === null ? null : formatQuantity(parsed);
}

/** The canonical text of an amount. */
export function formatQuantity({ nanos, format }: ParsedQuantity): string {
  if (nanos === 0n) return "0";
  if (format === "BinarySI" && nanos % NANO === 0n) {
    const whole = nanos / NANO;
    if (whole <= -1024n || whole >= 1024n) return formatBinary(whole);
  }
  let exponent = -9;
  let mantissa = nanos;
  while (mantissa % 1000n === 0n) {
    mantissa /= 1000n;
    exponent += 3;
  }
  if (format === "DecimalExponent")
    return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
  // The largest amount is below 10¹⁹, so that no larger suffix than E is needed.
  return `${mantissa}${DECIMAL_NAMES.get(exponent) ?? `e${exponent}`}`;
}

/** < 0, 0 or > 0, as a sort wants it. */
export function compareQuantities(a: ParsedQuantity, b: ParsedQuantity): number {
  return a.nanos < b.nanos ? -1 : a.nanos > b.nanos ? 1 : 0;
}

/** The sum, written in the format of the first summand that is not zero. */
export function addQuantities(a: ParsedQuantity, b: ParsedQuantity): ParsedQuantity {
  return { nanos: cap(a.nanos + b.nanos), format: a.nanos === 0n ? b.format : a.format };
}

/** The difference, written in the format of `a`, or of `b` when `a` is zero. */
export function subtractQuantities(a: ParsedQuantity, b: ParsedQuantity): ParsedQuantity {
  return { nanos: cap(a.nanos - b.nanos), format: a.nanos === 0n ? b.format : a.format };
}

/** The amount in whole units, rounded away from zero: bytes of memory, numbers of pods. */
export function wholeValue(quantity: ParsedQuantity): bigint {
  return divideRoundingUp(quantity.nanos, NANO);
}

/** The amount in thousandths, rounded away from zero: milli-CPUs. */
export function milliValue(quantity: ParsedQuantity): bigint {
  return divideRoundingUp(quantity.nanos, 1_000_000n);
}

/** `milli` thousandths as an amount. */
export function quantityFromMilli(
  milli: bigint,
  format: QuantityFormat = "DecimalSI",
): ParsedQuantity {
  return { nanos: cap(milli * 1_000_000n), format };
}

/** `whole` units as an amount. */
export function quantityFromWhole(
  whole: bigint,
  format: QuantityFormat = "DecimalSI",
): ParsedQuantity {
  return { nanos: cap(whole * NANO), format };
}

interface Unit {
  readonly factor: bigint;
  /** Power of ten. */
  readonly exponent: number;
  readonly format: QuantityFormat;
}

function parseSuffix(suffix: string): Unit | null {
  const decimal = DECIMAL_SUFFIXES.get(suffix);
  if (decimal !== undefined) return { factor: 1n, exponent: decimal, format: "DecimalSI" };
  const power = BINARY_NAMES.indexOf(suffix);
  if (power > 0) return { factor: 1024n ** BigInt(power), exponent: 0, format: "BinarySI" };
  const exponent = EXPONENT.exec(suffix);
  if (exponent === null) return null;
  return { factor: 1n, exponent: Number(exponent[1]), format: "DecimalExponent" };
}

function scaleRoundingUp(value: bigint, exponent: number): bigint {
  if (exponent >= 0) return value * 10n ** BigInt(exponent);
  return divideRoundingUp(value, 10n ** BigInt(-exponent));
}

/** Rounds away from zero. */
function divideRoundingUp(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  if (quotient * divisor === value) return quotient;
  return value < 0n ? quotient - 1n : quotient + 1n;
}

function formatBinary(whole: bigint): string {
  let power = 0;
  let mantissa = whole;
  while (power < BINARY_NAMES.length - 1 && mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    power += 1;
  }
  return `${mantissa}${BINARY_NAMES[power] ?? ""}`;
}

function cap(nanos: bigint): bigint {
  if (nanos > MAX_NANOS) return MAX_NANOS;
  return nanos < -MAX_NANOS ? -MAX_NANOS : nanos;
}
