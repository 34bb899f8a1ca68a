import { CelDuration, type CelValue, celEquals, failure, isNumber } from "../cel-values.js";
import { type Overload, define } from "../overload.js";
import { OPERATORS, compareValues } from "./operators.js";

type List = readonly CelValue[];

const whole = (items: List): number => items.length;
const ORDERED = ["int", "uint", "double", "bool", "string", "bytes", "timestamp", "duration"];

function isSorted(items: List): CelValue {
  for (const [index, item] of items.entries()) {
    const before = items[index - 1];
    if (before === undefined) continue;
    const order = compareValues(before, item);
    if (order === null) return failure("no such overload");
    if (order > 0) return false;
  }
  return true;
}

function extreme(items: List, sign: number, name: string): CelValue {
  let found: CelValue | undefined;
  for (const item of items) {
    const order = found === undefined ? -sign : compareValues(found, item);
    if (order === null) return failure("no such overload");
    if (found === undefined || order * sign > 0) found = item;
  }
  return found ?? failure(`${name} called on empty list`);
}

function sum(items: List, zero: CelValue): CelValue {
  let total = zero;
  for (const item of items) {
    const args = items[0] === undefined ? [] : [total, item];
    const add = OPERATORS.find(
      ({ name, accepts }) =>
        name === "_+_" && accepts.every((accept, at) => accept(args[at] ?? null)),
    );
    const summed = isNumber(item) || item instanceof CelDuration ? add?.run(args) : undefined;
    if (summed === undefined || typeof summed !== typeof total) return failure("no such overload");
    total = summed as CelValue;
  }
  return total;
}

function indexOf(items: List, item: CelValue): CelValue {
  return BigInt(items.findIndex((each) => celEquals(each, item)));
}

function lastIndexOf(items: List, item: CelValue): CelValue {
  let at = items.length - 1;
  while (at >= 0 && !celEquals(items[at] ?? null, item)) at -= 1;
  return BigInt(at);
}

/** Kubernetes' library for lists. */
export const LISTS: readonly Overload[] = [
  ...ORDERED.flatMap((type) => [
    define(`list<${type}>.isSorted(): bool`, isSorted, { cost: whole }),
    define(`list<${type}>.min(): ${type}`, (items: List) => extreme(items, 1, "min"), {
      cost: whole,
    }),
    define(`list<${type}>.max(): ${type}`, (items: List) => extreme(items, -1, "max"), {
      cost: whole,
    }),
  ]),
  define("list<int>.sum(): int", (items: List) => sumOf(items, 0n), { cost: whole }),
  define("list<double>.sum(): double", (items: List) => sumOf(items, 0), { cost: whole }),
  define("list<uint>.sum(): uint", (items: List) => sumOf(items, 0n), { cost: whole }),
  define("list<duration>.sum(): duration", (items: List) => sumOf(items, new CelDuration(0n)), {
    cost: whole,
  }),
  define("list<A>.indexOf(A): int", indexOf, { cost: whole }),
  define("list<A>.lastIndexOf(A): int", lastIndexOf, { cost: whole }),
  define(
    "sets.contains(list<A>, list<A>): bool",
    (list: List, part: List) => part.every((item) => has(list, item)),
    { cost: product },
  ),
  define(
    "sets.equivalent(list<A>, list<A>): bool",
    (a: List, b: List) => a.every((item) => has(b, item)) && b.every((item) => has(a, item)),
    { cost: product },
  ),
  define(
    "sets.intersects(list<A>, list<A>): bool",
    (a: List, b: List) => a.some((item) => has(b, item)),
    { cost: product },
  ),
];

/** The zero of an empty list is the declared type's; else the first item tells the type. */
function sumOf(items: List, zero: CelValue): CelValue {
  const [first, ...rest] = items;
  return first === undefined ? zero : sum(rest, first);
}

function product(a: List, b: List): number {
  return a.length * b.length;
}

function has(items: List, item: CelValue): boolean {
  return items.some((each) => celEquals(each, item));
}
