import {
  CelDuration,
  CelMap,
  CelOptional,
  CelTimestamp,
  CelUint,
  type CelNumber,
  type CelValue,
  celEquals,
  compareNumbers,
  failure,
  isList,
  isNumber,
  mapKey,
} from "../cel-values.js";
import { inDurationRange, inTimestampRange } from "../cel-time.js";
import { type Overload, define, looking } from "../overload.js";

const INT_MAX = 2n ** 63n - 1n;
const INT_MIN = -(2n ** 63n);
const UINT_MAX = 2n ** 64n - 1n;

/** An int, or the error that it is too large for one. */
export function int(value: bigint): CelValue {
  return value > INT_MAX || value < INT_MIN ? failure("integer overflow") : value;
}

/** A uint, or the error that it is none. */
export function uint(value: bigint): CelValue {
  return value > UINT_MAX || value < 0n ? failure("unsigned integer overflow") : new CelUint(value);
}

export function duration(nanos: bigint): CelValue {
  return inDurationRange(nanos) ? new CelDuration(nanos) : failure("integer overflow");
}

export function timestamp(nanos: bigint): CelValue {
  return inTimestampRange(nanos) ? new CelTimestamp(nanos) : failure("timestamp overflow");
}

const ARITHMETIC: readonly Overload[] = [
  define("_+_(int, int): int", (a: bigint, b: bigint) => int(a + b)),
  define("_+_(uint, uint): uint", (a: CelUint, b: CelUint) => uint(a.value + b.value)),
  define("_+_(double, double): double", (a: number, b: number) => a + b),
  define("_+_(string, string): string", (a: string, b: string) => a + b, { cost: looking }),
  define(
    "_+_(bytes, bytes): bytes",
    (a: Uint8Array, b: Uint8Array) => Uint8Array.from([...a, ...b]),
    { cost: looking },
  ),
  define(
    "_+_(list<A>, list<A>): list<A>",
    (a: readonly CelValue[], b: readonly CelValue[]) => [...a, ...b],
    { cost: looking },
  ),
  define("_+_(timestamp, duration): timestamp", (a: CelTimestamp, b: CelDuration) =>
    timestamp(a.nanos + b.nanos),
  ),
  define("_+_(duration, timestamp): timestamp", (a: CelDuration, b: CelTimestamp) =>
    timestamp(a.nanos + b.nanos),
  ),
  define("_+_(duration, duration): duration", (a: CelDuration, b: CelDuration) =>
    duration(a.nanos + b.nanos),
  ),
  define("_-_(int, int): int", (a: bigint, b: bigint) => int(a - b)),
  define("_-_(uint, uint): uint", (a: CelUint, b: CelUint) => uint(a.value - b.value)),
  define("_-_(double, double): double", (a: number, b: number) => a - b),
  define("_-_(timestamp, timestamp): duration", (a: CelTimestamp, b: CelTimestamp) =>
    duration(a.nanos - b.nanos),
  ),
  define("_-_(timestamp, duration): timestamp", (a: CelTimestamp, b: CelDuration) =>
    timestamp(a.nanos - b.nanos),
  ),
  define("_-_(duration, duration): duration", (a: CelDuration, b: CelDuration) =>
    duration(a.nanos - b.nanos),
  ),
  define("_*_(int, int): int", (a: bigint, b: bigint) => int(a * b)),
  define("_*_(uint, uint): uint", (a: CelUint, b: CelUint) => uint(a.value * b.value)),
  define("_*_(double, double): double", (a: number, b: number) => a * b),
  define("_/_(int, int): int", (a: bigint, b: bigint) =>
    b === 0n ? failure("division by zero") : int(a / b),
  ),
  define("_/_(uint, uint): uint", (a: CelUint, b: CelUint) =>
    b.value === 0n ? failure("division by zero") : uint(a.value / b.value),
  ),
  define("_/_(double, double): double", (a: number, b: number) => a / b),
  define("_%_(int, int): int", (a: bigint, b: bigint) =>
    b === 0n ? failure("modulus by zero") : a % b,
  ),
  define("_%_(uint, uint): uint", (a: CelUint, b: CelUint) =>
    b.value === 0n ? failure("modulus by zero") : uint(a.value % b.value),
  ),
  define("-_(int): int", (a: bigint) => int(-a)),
  define("-_(double): double", (a: number) => -a),
  define("-_(duration): duration", (a: CelDuration) => duration(-a.nanos)),
  define("!_(bool): bool", (a: boolean) => !a),
];

const NUMBERS = ["int", "uint", "double"];
const ORDERED: readonly (readonly [string, string])[] = [
  ...NUMBERS.flatMap((a) => NUMBERS.map((b) => [a, b] as const)),
  ...["bool", "string", "bytes", "timestamp", "duration"].map((type) => [type, type] as const),
];
const ORDERS: readonly (readonly [name: string, holds: (order: number) => boolean])[] = [
  ["_<_", (order) => order < 0],
  ["_<=_", (order) => order <= 0],
  ["_>_", (order) => order > 0],
  ["_>=_", (order) => order >= 0],
];

const COMPARISONS: readonly Overload[] = ORDERS.flatMap(([name, holds]) =>
  ORDERED.map(([a, b]) =>
    define(
      `${name}(${a}, ${b}): bool`,
      (left: CelValue, right: CelValue) => {
        const order = compareValues(left, right);
        return order === null ? false : holds(order);
      },
      { cost: shorter },
    ),
  ),
);

function shorter(a: CelValue, b: CelValue): number {
  return Math.min(looking(a), looking(b)) - 1;
}

/** < 0, 0 or > 0 for values of one type or two numbers; null: they have no order (NaN). */
export function compareValues(a: CelValue, b: CelValue): number | null {
  if (isNumber(a) && isNumber(b)) return compareNumbers(a as CelNumber, b as CelNumber);
  if (a instanceof CelDuration && b instanceof CelDuration) return order(a.nanos, b.nanos);
  if (a instanceof CelTimestamp && b instanceof CelTimestamp) return order(a.nanos, b.nanos);
  if (typeof a === "boolean" && typeof b === "boolean") return order(Number(a), Number(b));
  if (a instanceof Uint8Array && b instanceof Uint8Array) return compareBytes(a, b);
  if (typeof a === "string" && typeof b === "string") return compareTexts(a, b);
  return null;
}

function order<T extends bigint | number | string>(a: T, b: T): number {
  return a < b ? -1 : Number(a > b);
}

/** By code points, as UTF-8 orders them; JavaScript's own order is by halves of pairs. */
function compareTexts(a: string, b: string): number {
  const simple = order(a, b);
  if (simple === 0) return 0;
  for (let at = 0; at < a.length && at < b.length; at += 1) {
    const [left = 0, right = 0] = [a.codePointAt(at), b.codePointAt(at)];
    if (left !== right) return order(left, right);
  }
  return simple;
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let at = 0; at < a.length && at < b.length; at += 1) {
    const [left = 0, right = 0] = [a[at], b[at]];
    if (left !== right) return order(left, right);
  }
  return order(a.length, b.length);
}

const ACCESS: readonly Overload[] = [
  define("_==_(A, A): bool", (a: CelValue, b: CelValue) => celEquals(a, b), { cost: shorter }),
  define("_!=_(A, A): bool", (a: CelValue, b: CelValue) => !celEquals(a, b), { cost: shorter }),
  define(
    "@in(A, list<A>): bool",
    (item: CelValue, items: readonly CelValue[]) => items.some((each) => celEquals(item, each)),
    { cost: (_item, items) => items.length },
  ),
  define("@in(A, map<A,B>): bool", (key: CelValue, map: CelMap) => map.get(key) !== undefined),
  define("_[_](list<A>, int): A", at),
  define("_[_](map<A,B>, A): B", at),
  define("_[_](list<A>, dyn): A", at),
  define("_[_](optional<list<A>>, int): optional<A>", maybeAt),
  define("_[_](optional<map<A,B>>, A): optional<B>", maybeAt),
  define("_[?_](list<A>, int): optional<A>", maybeAt),
  define("_[?_](map<A,B>, A): optional<B>", maybeAt),
  define("_[?_](optional<list<A>>, int): optional<A>", maybeAt),
  define("_[?_](optional<map<A,B>>, A): optional<B>", maybeAt),
];

function at(container: CelValue, key: CelValue): CelValue {
  if (container instanceof CelMap) {
    return container.get(key) ?? failure(`no such key: ${keyText(key)}`);
  }
  if (!isList(container)) return failure("no such overload");
  const index = mapKey(key);
  if (!isNumber(key) || !index.startsWith("n")) {
    return failure(`unsupported index type '${typeof key}' in list`);
  }
  return container[Number(index.slice(1))] ?? failure(`index out of bounds: ${index.slice(1)}`);
}

function keyText(key: CelValue): string {
  return key instanceof CelUint ? String(key.value) : mapKey(key).slice(1);
}

function maybeAt(container: CelValue, key: CelValue): CelValue {
  const inner = container instanceof CelOptional ? container.value : container;
  if (inner === undefined) return container;
  if (inner instanceof CelMap) return new CelOptional(inner.get(key));
  if (!isList(inner)) return failure("no such overload");
  const index = mapKey(key);
  return new CelOptional(index.startsWith("n") ? inner[Number(index.slice(1))] : undefined);
}

/** Operators, under cel-go's names. */
export const OPERATORS: readonly Overload[] = [...ARITHMETIC, ...COMPARISONS, ...ACCESS];
