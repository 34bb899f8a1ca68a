import { type CelValue, failure } from "../cel-values.js";
import { type Overload, define, looking } from "../overload.js";
import { formatText } from "./format-text.js";

/** Longer texts are not made: an expression that wants one is stopped. */
const TEXT_MAX = 10_000_000;

function chars(text: string): readonly string[] {
  return Array.from(text);
}

function charAt(text: string, index: bigint): CelValue {
  const all = chars(text);
  const at = Number(index);
  if (at < 0 || at > all.length) return failure(`index out of range: ${index}`);
  return all[at] ?? "";
}

function indexIn(text: string, part: string, from: bigint): CelValue {
  const all = chars(text);
  const start = Number(from);
  if (start < 0 || start > all.length) return failure(`index out of range: ${from}`);
  const before = all.slice(0, start).join("").length;
  const found = text.indexOf(part, before);
  return found < 0 ? -1n : BigInt(chars(text.slice(0, found)).length);
}

function lastIndexIn(text: string, part: string, from: bigint | null): CelValue {
  const all = chars(text);
  const start = from === null ? all.length : Number(from);
  if (start < 0 || start > all.length) return failure(`index out of range: ${start}`);
  const before = all.slice(0, start).join("").length;
  const found = text.lastIndexOf(part, before);
  return found < 0 ? -1n : BigInt(chars(text.slice(0, found)).length);
}

function substring(text: string, from: bigint, to: bigint | null): CelValue {
  const all = chars(text);
  const [start, end] = [Number(from), to === null ? all.length : Number(to)];
  if (start < 0 || start > all.length) return failure(`index out of range: ${start}`);
  if (end < 0 || end > all.length) return failure(`index out of range: ${end}`);
  if (start > end) return failure(`invalid substring range. start: ${start}, end: ${end}`);
  return all.slice(start, end).join("");
}

/** Go's strings.Replace; a negative limit is none. */
function replace(text: string, [part, by]: readonly [string, string], limit: bigint): CelValue {
  const max = limit < 0n ? Infinity : Number(limit);
  const pieces = part === "" ? ["", ...chars(text), ""] : text.split(part);
  const count = Math.min(pieces.length - 1, max);
  if (text.length + count * by.length > TEXT_MAX) return failure("the text would be too long");
  const replaced = pieces.slice(0, count + 1).join(by);
  const rest = pieces.slice(count + 1);
  return rest.length === 0 ? replaced : [replaced, ...rest].join(part);
}

function replaceCost(text: string, part: string, by: string): number {
  const times = part === "" ? text.length + 1 : Math.floor(text.length / part.length);
  return looking(text, part) + Math.ceil((times * by.length) / 10);
}

/** Go's strings.SplitN; a negative limit is none. */
function split(text: string, separator: string, limit: bigint): CelValue {
  if (limit === 0n) return [];
  const pieces = separator === "" ? [...chars(text)] : text.split(separator);
  if (limit < 0n || pieces.length <= Number(limit)) return pieces;
  const kept = pieces.slice(0, Number(limit) - 1);
  return [...kept, pieces.slice(kept.length).join(separator)];
}

function join(items: readonly CelValue[], separator: string): CelValue {
  if (!items.every((item) => typeof item === "string")) return failure("no such overload");
  const size = items.reduce((sum, item) => sum + item.length + separator.length, 0);
  return size > TEXT_MAX ? failure("the text would be too long") : items.join(separator);
}

function joinCost(items: readonly CelValue[], separator = ""): number {
  return looking(items, ...items) + Math.ceil((items.length * separator.length) / 10);
}

function ascii(text: string, from: RegExp, change: (part: string) => string): string {
  return text.replace(from, change);
}

const SPACE_ENDS = /^[\s\u0085\u180e\u200b\u2060\ufeff]+|[\s\u0085\u180e\u200b\u2060\ufeff]+$/gu;

const QUOTED: ReadonlyMap<string, string> = new Map([
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
  ["\\", "\\\\"],
  ['"', '\\"'],
]);

function quote(text: string): string {
  return `"${chars(text)
    .map((char) => QUOTED.get(char) ?? char)
    .join("")}"`;
}

/** cel-go's extension for strings, as Kubernetes has it (version 2). */
export const STRINGS: readonly Overload[] = [
  define("string.charAt(int): string", charAt, { cost: looking }),
  define("string.indexOf(string): int", (a: string, b: string) => indexIn(a, b, 0n), {
    cost: looking,
  }),
  define("string.indexOf(string, int): int", indexIn, { cost: looking }),
  define("string.lastIndexOf(string): int", (a: string, b: string) => lastIndexIn(a, b, null), {
    cost: looking,
  }),
  define("string.lastIndexOf(string, int): int", lastIndexIn, { cost: looking }),
  define(
    "string.lowerAscii(): string",
    (a: string) => ascii(a, /[A-Z]+/gu, (x) => x.toLowerCase()),
    {
      cost: looking,
    },
  ),
  define(
    "string.upperAscii(): string",
    (a: string) => ascii(a, /[a-z]+/gu, (x) => x.toUpperCase()),
    {
      cost: looking,
    },
  ),
  define(
    "string.replace(string, string): string",
    (a: string, part: string, by: string) => replace(a, [part, by], -1n),
    { cost: replaceCost },
  ),
  define(
    "string.replace(string, string, int): string",
    (a: string, part: string, by: string, limit: bigint) => replace(a, [part, by], limit),
    { cost: replaceCost },
  ),
  define("string.split(string): list<string>", (a: string, b: string) => split(a, b, -1n), {
    cost: looking,
  }),
  define("string.split(string, int): list<string>", split, { cost: looking }),
  define("string.substring(int): string", (a: string, from: bigint) => substring(a, from, null), {
    cost: looking,
  }),
  define("string.substring(int, int): string", substring, { cost: looking }),
  define("string.trim(): string", (a: string) => a.replace(SPACE_ENDS, ""), { cost: looking }),
  define("string.reverse(): string", (a: string) => [...chars(a)].reverse().join(""), {
    cost: looking,
  }),
  define("list<string>.join(): string", (items: readonly CelValue[]) => join(items, ""), {
    cost: joinCost,
  }),
  define("list<string>.join(string): string", join, { cost: joinCost }),
  define("strings.quote(string): string", quote, { cost: looking }),
  define("string.format(list<dyn>): string", formatText, {
    cost: (text, items) => looking(text, items, ...items),
  }),
];
