import { canonicalBase64 } from "../../machinery/base64.js";
import { parseGoDuration } from "../../machinery/go-duration.js";
import { parseInstant } from "../../machinery/time.js";

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/u;
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/iu;
const EMAIL = /^[^\s@]+@[^\s@]+$/u;
const HOSTNAME =
  /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/iu;

/** What each format asks of a text; formats that are not here ask nothing, as in Kubernetes. */
const TEXTS: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ["date", (text) => /^\d{4}-\d{2}-\d{2}$/u.test(text) && !Number.isNaN(Date.parse(text))],
  ["date-time", (text) => parseInstant(text) !== null],
  ["duration", (text) => parseGoDuration(text).ok],
  ["byte", (text) => canonicalBase64(text).ok],
  ["ipv4", (text) => IPV4.test(text)],
  ["ipv6", isIpv6],
  ["ip", (text) => IPV4.test(text) || isIpv6(text)],
  ["cidr", isCidr],
  ["uuid", (text) => UUID.test(text)],
  ["uuid4", (text) => UUID.test(text)],
  ["email", (text) => EMAIL.test(text)],
  ["hostname", (text) => HOSTNAME.test(text)],
  ["uri", (text) => /^[a-z][a-z0-9+.-]*:/iu.test(text) || text.startsWith("/")],
]);

const NUMBERS: ReadonlyMap<string, readonly [low: number, high: number]> = new Map([
  ["int32", [-2147483648, 2147483647]],
  ["uint32", [0, 4294967295]],
]);

/** What is wrong with a value of this format, such as `of type ipv4: "x"`; null: nothing. */
export function formatProblem(value: string | number, format: string): string | null {
  if (typeof value === "number") {
    const limits = NUMBERS.get(format);
    if (limits === undefined || (value >= limits[0] && value <= limits[1])) return null;
    return `of type ${format}: "${value}"`;
  }
  const accepts = TEXTS.get(format);
  return accepts === undefined || accepts(value) ? null : `of type ${format}: "${value}"`;
}

function isIpv6(text: string): boolean {
  const [head = "", tail, ...more] = text.split("::");
  if (more.length > 0) return false;
  const words = [...wordsOf(head), ...wordsOf(tail ?? "")];
  const last = words.at(-1) ?? "";
  const length = words.length + (last.includes(".") ? 1 : 0);
  const known = words.every(
    (word, at) => /^[0-9a-f]{1,4}$/iu.test(word) || (at === words.length - 1 && IPV4.test(word)),
  );
  return known && (tail === undefined ? length === 8 : length < 8);
}

function wordsOf(text: string): string[] {
  return text === "" ? [] : text.split(":");
}

function isCidr(text: string): boolean {
  const [address = "", bits = "", ...more] = text.split("/");
  if (more.length > 0 || !/^\d{1,3}$/u.test(bits)) return false;
  if (IPV4.test(address)) return Number(bits) <= 32;
  return isIpv6(address) && Number(bits) <= 128;
}
