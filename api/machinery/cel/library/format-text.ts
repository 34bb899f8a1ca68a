import { decodeUtf8, encodeUtf8 } from "../cel-bytes.js";
import { durationText, timestampText } from "../cel-time.js";
import {
  CelDuration,
  CelFailure,
  CelMap,
  CelTimestamp,
  CelTypeValue,
  CelUint,
  type CelValue,
  failure,
  isList,
  typeNameOf,
} from "../cel-values.js";
import { doubleText } from "./standard.js";

const CLAUSE = /%(?:\.(\d+))?([A-Za-z%]?)/gu;
const PRECISION_MAX = 1_000;

/** string.format of cel-go's extension for strings: %s %d %f %e %b %x %X %o, with precision. */
export function formatText(template: string, args: readonly CelValue[]): CelValue {
  let used = 0;
  let text = "";
  let end = 0;
  for (const match of template.matchAll(CLAUSE)) {
    text += template.slice(end, match.index);
    end = match.index + match[0].length;
    const verb = match[2] ?? "";
    if (verb === "%") {
      text += "%";
      continue;
    }
    const arg = args[used];
    if (arg === undefined) return failure(`index ${used} out of range`);
    const precision = match[1] === undefined ? null : Number(match[1]);
    if (precision !== null && precision > PRECISION_MAX) return failure("precision too large");
    const piece = clause(verb, arg, precision);
    if (piece instanceof CelFailure) return piece;
    text += piece;
    used += 1;
  }
  return text + template.slice(end);
}

function clause(verb: string, arg: CelValue, precision: number | null): string | CelFailure {
  switch (verb) {
    case "s":
      return shown(arg);
    case "d":
      return whole(arg, 10) ?? refused(verb, arg, "integers");
    case "b":
      if (typeof arg === "boolean") return arg ? "1" : "0";
      return whole(arg, 2) ?? refused(verb, arg, "integers and bools");
    case "o":
      return whole(arg, 8) ?? refused(verb, arg, "integers");
    case "x":
    case "X": {
      const digits = hex(arg);
      if (digits === null) return refused(verb, arg, "integers, byte buffers, and strings");
      return verb === "x" ? digits : digits.toUpperCase();
    }
    case "f":
    case "e": {
      const value = numberOf(arg);
      if (value === null) return refused(verb, arg, "doubles");
      if (!Number.isFinite(value)) return notFinite(value);
      const places = precision ?? 6;
      if (verb === "f") return value.toFixed(Math.min(places, 100));
      return value.toExponential(Math.min(places, 100)).replace(/e([+-])(\d)$/u, "e$10$2");
    }
    default:
      return failure(`could not parse formatting clause: unrecognized formatting clause "${verb}"`);
  }
}

function refused(verb: string, arg: CelValue, wanted: string): CelFailure {
  const clauses: Readonly<Record<string, string>> = { d: "decimal", b: "binary", o: "octal" };
  const name =
    clauses[verb] ?? (verb === "f" ? "fixed-point" : verb === "e" ? "scientific" : "hex");
  return failure(
    `error during formatting: ${name} clause can only be used on ${wanted}, was given ` +
      typeNameOf(arg),
  );
}

function whole(arg: CelValue, radix: number): string | null {
  if (typeof arg === "bigint") return arg.toString(radix);
  if (arg instanceof CelUint) return arg.value.toString(radix);
  return null;
}

function hex(arg: CelValue): string | null {
  const bytes = typeof arg === "string" ? encodeUtf8(arg) : arg;
  if (!(bytes instanceof Uint8Array)) return whole(arg, 16);
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function numberOf(arg: CelValue): number | null {
  if (typeof arg === "number") return arg;
  if (typeof arg === "bigint") return Number(arg);
  return arg instanceof CelUint ? Number(arg.value) : null;
}

function notFinite(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "Infinity" : "-Infinity";
}

function shown(arg: CelValue): string | CelFailure {
  if (typeof arg === "string") return arg;
  if (arg === null) return "null";
  if (typeof arg === "boolean" || typeof arg === "bigint") return String(arg);
  if (typeof arg === "number") return Number.isFinite(arg) ? doubleText(arg) : notFinite(arg);
  if (arg instanceof CelUint) return String(arg.value);
  if (arg instanceof Uint8Array) return decodeUtf8(arg) ?? failure("invalid UTF-8");
  if (arg instanceof CelDuration) return durationText(arg.nanos);
  if (arg instanceof CelTimestamp) return timestampText(arg.nanos);
  if (arg instanceof CelTypeValue) return arg.name;
  if (isList(arg)) return listText(arg);
  if (arg instanceof CelMap) return mapText(arg);
  return failure(
    "error during formatting: string clause can only be used on strings, bools, bytes, ints, " +
      `doubles, maps, lists, types, durations, and timestamps, was given ${typeNameOf(arg)}`,
  );
}

function mapText(map: CelMap): string | CelFailure {
  const entries: string[] = [];
  for (const key of map.keys()) {
    const [name, value] = [shown(key), shown(map.get(key) ?? null)];
    if (name instanceof CelFailure) return name;
    if (value instanceof CelFailure) return value;
    entries.push(`${name}: ${value}`);
  }
  return `{${entries.sort().join(", ")}}`;
}

function listText(items: readonly CelValue[]): string | CelFailure {
  const texts: string[] = [];
  for (const item of items) {
    const text = shown(item);
    if (text instanceof CelFailure) return text;
    texts.push(text);
  }
  return `[${texts.join(", ")}]`;
}
