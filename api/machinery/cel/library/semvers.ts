import { CelOpaque, type CelValue, failure } from "../cel-values.js";
import { type Overload, define } from "../overload.js";

interface Version {
  readonly numbers: readonly [major: bigint, minor: bigint, patch: bigint];
  readonly pre: readonly string[];
}

const NUMBER = "(0|[1-9]\\d*)";
const SHAPE = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-([0-9A-Za-z.-]+))?(?:\\+([0-9A-Za-z.-]+))?$`,
  "u",
);
const TEXT_MAX = 256;
const INT_MAX = 2n ** 63n;

/** semver.org, version 2.0.0; null: it is none. */
function parse(text: string): Version | null {
  const match = text.length > TEXT_MAX ? null : SHAPE.exec(text);
  if (match === null) return null;
  const [, major = "", minor = "", patch = "", pre = ""] = match;
  const numbers = [BigInt(major), BigInt(minor), BigInt(patch)] as const;
  const parts = pre === "" ? [] : pre.split(".");
  const bad = parts.some((part) => part === "" || /^0\d+$/u.test(part));
  const emptyBuild = (match[5] ?? "x").split(".").includes("");
  return bad || emptyBuild || numbers.some((each) => each >= INT_MAX)
    ? null
    : { numbers, pre: parts };
}

/** `v1.2` → `1.2.0`, `01.2.3` → `1.2.3`. */
function normalized(text: string): string {
  const match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?([-+].*)?$/u.exec(text);
  if (match === null) return text;
  const numbers = [1, 2, 3].map((at) => (match[at] ?? "0").replace(/^0+(?=\d)/u, ""));
  return `${numbers.join(".")}${match[4] ?? ""}`;
}

function compare(a: Version, b: Version): number {
  for (const [at, number] of a.numbers.entries()) {
    const other = b.numbers[at] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (a.pre.length === 0 || b.pre.length === 0) {
    return Math.sign(b.pre.length - a.pre.length);
  }
  for (const [at, part] of a.pre.entries()) {
    const other = b.pre[at];
    if (other === undefined) return 1;
    const order = comparePart(part, other);
    if (order !== 0) return order;
  }
  return Math.sign(a.pre.length - b.pre.length);
}

function comparePart(a: string, b: string): number {
  const [left, right] = [a, b].map((part) => /^\d+$/u.test(part));
  if (left !== right) return left === true ? -1 : 1;
  if (left === true) return BigInt(a) < BigInt(b) ? -1 : Number(BigInt(a) > BigInt(b));
  return a < b ? -1 : Number(a > b);
}

const of = (value: CelOpaque): Version => value.value as Version;
const order = (a: CelOpaque, b: CelOpaque): number => compare(of(a), of(b));

function semver(text: string): CelValue {
  const version = parse(text);
  if (version === null) return failure(`Semver parse error during conversion from string: ${text}`);
  const key = `${version.numbers.join(".")}-${version.pre.join(".")}`;
  return new CelOpaque("kubernetes.Semver", version, key);
}

/** Kubernetes' library for versions. */
export const SEMVERS: readonly Overload[] = [
  define("semver(string): Semver", semver),
  define("semver(string, bool): Semver", (text: string, lenient: boolean) =>
    semver(lenient ? normalized(text) : text),
  ),
  define("isSemver(string): bool", (text: string) => parse(text) !== null),
  define(
    "isSemver(string, bool): bool",
    (text: string, lenient: boolean) => parse(lenient ? normalized(text) : text) !== null,
  ),
  define("Semver.major(): int", (a: CelOpaque) => of(a).numbers[0]),
  define("Semver.minor(): int", (a: CelOpaque) => of(a).numbers[1]),
  define("Semver.patch(): int", (a: CelOpaque) => of(a).numbers[2]),
  define("Semver.isGreaterThan(Semver): bool", (a: CelOpaque, b: CelOpaque) => order(a, b) > 0),
  define("Semver.isLessThan(Semver): bool", (a: CelOpaque, b: CelOpaque) => order(a, b) < 0),
  define("Semver.compareTo(Semver): int", (a: CelOpaque, b: CelOpaque) => BigInt(order(a, b))),
];
