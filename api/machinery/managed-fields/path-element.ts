import { isPatchObject, type PatchObject, type PatchValue } from "../patch-json.js";

/*
 * A path element is one step from a value to a part of it, written as in fieldsV1: `f:name` a
 * field, `k:{"name":"web"}` the list item with these keys, `v:"tcp"` the list item with this value,
 * `i:3` the item at this place.
 */

/** The field of an object or the key of a map. */
export function fieldElement(name: string): string {
  return `f:${name}`;
}

/** The list item with these keys; the same keys give the same text. */
export function keyElement(keys: PatchObject): string {
  const fields = Object.keys(keys).sort(compareText);
  const parts = fields.map((name) => `${goJson(name)}:${goJson(keys[name] ?? null)}`);
  return `k:{${parts.join(",")}}`;
}

/** The list item that is this value. */
export function valueElement(value: PatchValue): string {
  return `v:${goJson(value)}`;
}

/**
 * A client's path element in the form used here; null when it cannot be read, "" when it is of a
 * kind that a later version may know.
 */
export function canonicalElement(text: string): string | null {
  if (text.length < 2 || text[1] !== ":") return null;
  const rest = text.slice(2);
  switch (text[0]) {
    case "f":
      return text;
    case "i":
      return /^[+-]?\d{1,15}$/u.test(rest) ? `i:${Number(rest)}` : null;
    case "v": {
      const value = parsed(rest);
      return value === undefined ? null : valueElement(value);
    }
    case "k": {
      const keys = parsed(rest);
      return isPatchObject(keys) ? keyElement(keys) : null;
    }
    default:
      return "";
  }
}

/** The step as people read it: `.spec`, `[name="web"]`, `[="tcp"]`, `[3]`. */
export function describeElement(element: string): string {
  const rest = element.slice(2);
  if (element.startsWith("f:")) return `.${rest}`;
  if (element.startsWith("i:")) return `[${rest}]`;
  if (element.startsWith("v:")) return `[=${describeValue(parsed(rest) ?? null)}]`;
  const keys = parsed(rest);
  if (!isPatchObject(keys)) return `[${rest}]`;
  const parts = Object.keys(keys).map((name) => `${name}=${describeValue(keys[name] ?? null)}`);
  return `[${parts.join(",")}]`;
}

/** A path as people read it, such as `.spec.containers[name="web"].image`. */
export function describePath(path: readonly string[]): string {
  return path.map(describeElement).join("");
}

/** The order in which Kubernetes writes path elements: fields, keys, values, places. */
export function compareElements(a: string, b: string): number {
  const kinds = KINDS.indexOf(a.charAt(0)) - KINDS.indexOf(b.charAt(0));
  if (kinds !== 0) return kinds;
  const [left, right] = [a.slice(2), b.slice(2)];
  switch (a[0]) {
    case "k":
      return compareKeys(parsed(left) ?? null, parsed(right) ?? null);
    case "v":
      return compareValues(parsed(left) ?? null, parsed(right) ?? null);
    case "i":
      return Number(left) - Number(right);
    default:
      return compareText(left, right);
  }
}

const KINDS = "fkvi";

function compareKeys(a: PatchValue, b: PatchValue): number {
  if (!isPatchObject(a) || !isPatchObject(b)) return 0;
  const [left, right] = [Object.keys(a), Object.keys(b)];
  for (let i = 0; i < left.length && i < right.length; i += 1) {
    const [name, other] = [left[i] ?? "", right[i] ?? ""];
    const order = compareText(name, other) || compareValues(a[name] ?? null, b[other] ?? null);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}

/** Numbers before texts before booleans before everything else. */
function compareValues(a: PatchValue, b: PatchValue): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "string" && typeof b === "string") return compareText(a, b);
  const ranks = VALUE_KINDS.indexOf(typeof a) - VALUE_KINDS.indexOf(typeof b);
  if (ranks !== 0) return ranks;
  return compareText(JSON.stringify(a), JSON.stringify(b));
}

const VALUE_KINDS: readonly string[] = ["number", "string", "boolean", "object"];

/** Byte order of UTF-8, which is that of code points. */
function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
function codePointRank(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}

function describeValue(value: PatchValue): string {
  if (isPatchObject(value)) {
    return Object.keys(value)
      .map((name) => `${name}=${describeValue(value[name] ?? null)}`)
      .join("");
  }
  return JSON.stringify(value);
}

function parsed(text: string): PatchValue | undefined {
  try {
    return JSON.parse(text) as PatchValue;
  } catch {
    return undefined;
  }
}

/** JSON as Go writes it: what could end a script in a page is escaped. */
function goJson(value: PatchValue): string {
  const text = JSON.stringify(value);
  return UNSAFE.test(text) ? text.replace(UNSAFE_ALL, escapeUnit) : text;
}

const UNSAFE = /[<>&\u2028\u2029]/u;
const UNSAFE_ALL = /[<>&\u2028\u2029]/gu;

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
