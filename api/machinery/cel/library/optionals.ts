import {
  CelDuration,
  CelMap,
  CelOptional,
  CelUint,
  type CelValue,
  failure,
  isList,
} from "../cel-values.js";
import { type Overload, define } from "../overload.js";

function isZero(value: CelValue): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === "") return true;
  if (isList(value) || value instanceof Uint8Array) return value.length === 0;
  if (value instanceof CelMap) return value.size === 0;
  if (value instanceof CelUint) return value.value === 0n;
  return value instanceof CelDuration && value.nanos === 0n;
}

function unwrap(items: readonly CelValue[]): CelValue {
  return items.flatMap((item) => {
    if (!(item instanceof CelOptional)) return [item];
    return item.value === undefined ? [] : [item.value];
  });
}

/** Optional values (cel-go: OptionalTypes). `or` and `orValue` are evaluated like calls. */
export const OPTIONALS: readonly Overload[] = [
  define("optional.of(A): optional<A>", (value: CelValue) => new CelOptional(value)),
  define("optional.none(): optional<A>", () => new CelOptional(undefined)),
  define("optional.ofNonZeroValue(A): optional<A>", (value: CelValue) =>
    isZero(value) ? new CelOptional(undefined) : new CelOptional(value),
  ),
  define("optional<A>.hasValue(): bool", (value: CelOptional) => value.value !== undefined),
  define("optional<A>.value(): A", (value: CelOptional) => value.value ?? noValue(value)),
  define("optional<A>.or(optional<A>): optional<A>", (value: CelOptional, other: CelOptional) =>
    value.value === undefined ? other : value,
  ),
  define("optional<A>.orValue(A): A", (value: CelOptional, other: CelValue) =>
    value.value === undefined ? other : value.value,
  ),
  define("optional.unwrap(list<optional<A>>): list<A>", unwrap, { cost: (items) => items.length }),
  define("list<optional<A>>.unwrapOpt(): list<A>", unwrap, { cost: (items) => items.length }),
];

/** null is a value. */
function noValue({ value }: CelOptional): CelValue {
  return value === null ? null : failure("optional.none() dereference");
}
