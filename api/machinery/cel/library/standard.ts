import { RegexBudgetError, compileRegex } from "../../regex/linear-regex.js";
import { isTimeZone, zoneOffsetMs } from "../../time-zone.js";
import { decodeUtf8, encodeUtf8 } from "../cel-bytes.js";
import {
  type CalendarDate,
  calendarOf,
  durationText,
  parseDuration,
  parseTimestamp,
  timestampText,
} from "../cel-time.js";
import {
  type CelDuration,
  type CelMap,
  type CelTimestamp,
  CelTypeValue,
  type CelUint,
  type CelValue,
  failure,
  sizeOf,
  typeNameOf,
} from "../cel-values.js";
import { type Overload, define, looking } from "../overload.js";
import { duration, int, timestamp, uint } from "./operators.js";

const TEXTS: readonly Overload[] = [
  define("string.contains(string): bool", (a: string, b: string) => a.includes(b), {
    cost: looking,
  }),
  define("string.startsWith(string): bool", (a: string, b: string) => a.startsWith(b), {
    cost: (_a, b) => looking(b),
  }),
  define("string.endsWith(string): bool", (a: string, b: string) => a.endsWith(b), {
    cost: (_a, b) => looking(b),
  }),
  define("string.matches(string): bool", matches, { cost: regexCost }),
  define("matches(string, string): bool", matches, { cost: regexCost }),
];

/** As cel-go: text and pattern multiply. */
export function regexCost(text: CelValue, pattern: CelValue): number {
  return looking(text) * Math.max(1, Math.ceil(sizeOf(pattern) / 4));
}

/** What one match may cost at most: some milliseconds. */
export const REGEX_STEPS_MAX = 1_000_000;

function matches(text: string, pattern: string): CelValue {
  const compiled = compileRegex(pattern);
  if (!compiled.ok) return failure(compiled.message);
  try {
    return compiled.regex.test(text, { steps: REGEX_STEPS_MAX });
  } catch (error) {
    if (error instanceof RegexBudgetError) return failure(error.message);
    throw error;
  }
}

function characters(text: string): bigint {
  let count = 0;
  for (const _char of text) count += 1;
  return BigInt(count);
}

const bytesSize = (bytes: Uint8Array): bigint => BigInt(bytes.length);
const listSize = (items: readonly CelValue[]): bigint => BigInt(items.length);
const mapSize = (map: CelMap): bigint => BigInt(map.size);

const SIZES: readonly Overload[] = [
  define("size(string): int", characters, { cost: looking }),
  define("string.size(): int", characters, { cost: looking }),
  define("size(bytes): int", bytesSize),
  define("bytes.size(): int", bytesSize),
  define("size(list<A>): int", listSize),
  define("list<A>.size(): int", listSize),
  define("size(map<A,B>): int", mapSize),
  define("map<A,B>.size(): int", mapSize),
];

function toInt(value: number): CelValue {
  const whole = Math.trunc(value);
  const fits = Number.isFinite(value) && Math.abs(whole) < 2 ** 63;
  return fits ? BigInt(whole) : failure("integer overflow");
}

const CONVERSIONS: readonly Overload[] = [
  define("int(int): int", (a: bigint) => a),
  define("int(uint): int", (a: CelUint) => int(a.value)),
  define("int(double): int", toInt),
  define("int(string): int", (a: string) =>
    /^[+-]?\d{1,30}$/u.test(a) ? int(BigInt(a.replace(/^\+/u, ""))) : badText(a, "int"),
  ),
  define("int(timestamp): int", (a: CelTimestamp) => seconds(a.nanos)),
  define("int(duration): int", (a: CelDuration) => a.nanos),
  define("uint(uint): uint", (a: CelUint) => a),
  define("uint(int): uint", (a: bigint) => uint(a)),
  define("uint(double): uint", (a: number) =>
    a >= 0 && a < 2 ** 64 ? uint(BigInt(Math.trunc(a))) : failure("unsigned integer overflow"),
  ),
  define("uint(string): uint", (a: string) =>
    /^\+?\d{1,30}$/u.test(a) ? uint(BigInt(a.replace(/^\+/u, ""))) : badText(a, "uint"),
  ),
  define("double(double): double", (a: number) => a),
  define("double(int): double", (a: bigint) => Number(a)),
  define("double(uint): double", (a: CelUint) => Number(a.value)),
  define("double(string): double", (a: string) => {
    const named = /^[+-]?(?:inf|infinity|nan)$/iu.test(a);
    if (named) return /nan/iu.test(a) ? Number.NaN : a.startsWith("-") ? -Infinity : Infinity;
    return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/u.test(a)
      ? Number(a)
      : badText(a, "double");
  }),
  define("bool(bool): bool", (a: boolean) => a),
  define("bool(string): bool", (a: string) => BOOLS.get(a) ?? badText(a, "bool")),
  define("string(string): string", (a: string) => a),
  define("string(bool): string", (a: boolean) => String(a)),
  define("string(int): string", (a: bigint) => String(a)),
  define("string(uint): string", (a: CelUint) => String(a.value)),
  define("string(double): string", doubleText),
  define("string(timestamp): string", (a: CelTimestamp) => timestampText(a.nanos)),
  define("string(duration): string", (a: CelDuration) => durationText(a.nanos)),
  define(
    "string(bytes): string",
    (a: Uint8Array) => decodeUtf8(a) ?? failure("invalid UTF-8 in bytes, cannot convert to string"),
    { cost: looking },
  ),
  define("bytes(bytes): bytes", (a: Uint8Array) => a),
  define("bytes(string): bytes", (a: string) => encodeUtf8(a), { cost: looking }),
  define("timestamp(timestamp): timestamp", (a: CelTimestamp) => a),
  define("timestamp(int): timestamp", (a: bigint) => timestamp(a * 1_000_000_000n)),
  define("timestamp(string): timestamp", (a: string) => {
    const nanos = parseTimestamp(a);
    return nanos === null ? badText(a, "timestamp") : timestamp(nanos);
  }),
  define("duration(duration): duration", (a: CelDuration) => a),
  define("duration(int): duration", (a: bigint) => duration(a * 1_000_000_000n)),
  define("duration(string): duration", (a: string) => {
    const nanos = parseDuration(a);
    return nanos === null ? badText(a, "duration") : duration(nanos);
  }),
  define("dyn(A): dyn", (a: CelValue) => a),
  define("type(A): type", (a: CelValue) => new CelTypeValue(typeNameOf(a))),
];

const BOOLS: ReadonlyMap<string, boolean> = new Map([
  ...["1", "t", "true", "TRUE", "True"].map((text) => [text, true] as const),
  ...["0", "f", "false", "FALSE", "False"].map((text) => [text, false] as const),
]);

function badText(text: string, type: string): CelValue {
  return failure(`type conversion error from '${text.slice(0, 64)}' to '${type}'`);
}

/** As Go writes it with %g: without a fraction for whole numbers. */
export function doubleText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  return String(value).replace(/e([+-])(\d)$/u, "e$10$2");
}

function seconds(nanos: bigint): bigint {
  const rest = ((nanos % 1_000_000_000n) + 1_000_000_000n) % 1_000_000_000n;
  return (nanos - rest) / 1_000_000_000n;
}

const FIELDS: readonly (readonly [name: string, read: (date: CalendarDate) => number])[] = [
  ["getFullYear", ({ year }) => year],
  ["getMonth", ({ month }) => month],
  ["getDate", ({ day }) => day],
  ["getDayOfMonth", ({ day }) => day - 1],
  ["getDayOfWeek", ({ dayOfWeek }) => dayOfWeek],
  ["getDayOfYear", ({ dayOfYear }) => dayOfYear],
  ["getHours", ({ hour }) => hour],
  ["getMinutes", ({ minute }) => minute],
  ["getSeconds", ({ second }) => second],
  ["getMilliseconds", ({ millisecond }) => millisecond],
];

const TIMES: readonly Overload[] = [
  ...FIELDS.flatMap(([name, read]) => [
    define(`timestamp.${name}(): int`, (a: CelTimestamp) => BigInt(read(calendarOf(a.nanos)))),
    define(`timestamp.${name}(string): int`, (a: CelTimestamp, zone: string) => {
      const offset = offsetSeconds(a.nanos, zone);
      if (offset === null) return failure(`unknown time zone ${zone}`);
      return BigInt(read(calendarOf(a.nanos, offset)));
    }),
  ]),
  define("duration.getHours(): int", (a: CelDuration) => a.nanos / 3_600_000_000_000n),
  define("duration.getMinutes(): int", (a: CelDuration) => a.nanos / 60_000_000_000n),
  define("duration.getSeconds(): int", (a: CelDuration) => a.nanos / 1_000_000_000n),
  define("duration.getMilliseconds(): int", (a: CelDuration) => a.nanos / 1_000_000n),
];

function offsetSeconds(nanos: bigint, zone: string): number | null {
  const match = /^([+-]?)(\d\d):(\d\d)$/u.exec(zone);
  if (match !== null) {
    const size = Number(match[2]) * 3600 + Number(match[3]) * 60;
    return match[1] === "-" ? -size : size;
  }
  if (!isTimeZone(zone)) return null;
  return zoneOffsetMs(Number(nanos / 1_000_000n), zone) / 1000;
}

/** What every expression may use (cel-spec: Standard definitions). */
export const STANDARD: readonly Overload[] = [...TEXTS, ...SIZES, ...CONVERSIONS, ...TIMES];
