import { type CelType, parseType, splitTypes } from "./cel-types.js";
import {
  CelDuration,
  CelFailure,
  CelMap,
  CelOpaque,
  CelOptional,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
  isList,
  sizeOf,
} from "./cel-values.js";

/** One form of a function: the types it takes, and what it does with them. */
export interface Overload {
  readonly name: string;
  /** Called as `target.name(…)`; the target is the first parameter. */
  readonly method: boolean;
  readonly parameters: readonly CelType[];
  readonly result: CelType;
  /** Work beyond that of any call, in units of cost, known before it is done. */
  readonly cost: ((args: readonly CelValue[]) => number) | null;
  readonly accepts: readonly ((value: CelValue) => boolean)[];
  readonly run: (args: readonly CelValue[]) => CelValue;
}

export interface OverloadOptions<Args extends readonly CelValue[]> {
  readonly cost?: (...args: Args) => number;
}

/**
 * Reads a signature such as `string.charAt(int): string` or `size(list<A>): int`. The function is
 * called with values of these types only, and never with an error.
 */
export function define<Args extends readonly CelValue[]>(
  signature: string,
  run: (...args: Args) => CelValue,
  { cost }: OverloadOptions<Args> = {},
): Overload {
  const match = /^(?:(.+?)\.)??([@\w!?:[\]<>=+*/%&|-]+)\((.*)\): (.+)$/u.exec(signature);
  const [, target = "", name = "", parameters = "", result = ""] = match ?? [];
  const method = target !== "" && !NAMESPACES.has(target);
  const types = [...(method ? [target] : []), ...splitTypes(parameters)].map(parseType);
  return {
    name: target !== "" && !method ? `${target}.${name}` : name,
    method,
    parameters: types,
    result: parseType(result),
    cost: cost === undefined ? null : (args) => cost(...(args as Args)),
    accepts: types.map(accepter),
    run: (args) => run(...(args as Args)),
  };
}

/** Prefixes of functions that are no types of targets. */
const NAMESPACES: ReadonlySet<string> = new Set([
  "optional",
  "sets",
  "format",
  "ip",
  "jsonpatch",
  "strings",
]);

function accepter(type: CelType): (value: CelValue) => boolean {
  switch (type.kind) {
    case "dyn":
    case "param":
      return () => true;
    case "null_type":
      return (value) => value === null;
    case "bool":
      return (value) => typeof value === "boolean";
    case "int":
      return (value) => typeof value === "bigint";
    case "uint":
      return (value) => value instanceof CelUint;
    case "double":
      return (value) => typeof value === "number";
    case "string":
      return (value) => typeof value === "string";
    case "bytes":
      return (value) => value instanceof Uint8Array;
    case "google.protobuf.Timestamp":
      return (value) => value instanceof CelTimestamp;
    case "google.protobuf.Duration":
      return (value) => value instanceof CelDuration;
    case "type":
      return (value) => value instanceof CelTypeValue;
    case "list":
      return isList;
    case "map":
    case "object":
      return (value) => value instanceof CelMap;
    case "optional":
      return (value) => value instanceof CelOptional;
    default:
      return (value) => value instanceof CelOpaque && value.typeName === type.name;
  }
}

/** What looking at every character or item of these costs: a tenth of a unit each, as in cel-go. */
export function looking(...values: readonly CelValue[]): number {
  return Math.ceil(values.reduce<number>((sum, value) => sum + sizeOf(value), 0) / 10);
}

/** An error among the values of a call; null: none. */
export function failureIn(values: readonly CelValue[]): CelFailure | null {
  for (const value of values) if (value instanceof CelFailure) return value;
  return null;
}
