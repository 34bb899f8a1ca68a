import { formatInstant, parseInstant } from "../time.js";

const SECOND = 1_000_000_000n;
const UNITS: ReadonlyMap<string, bigint> = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["µs", 1_000n],
  ["μs", 1_000n],
  ["ms", 1_000_000n],
  ["s", SECOND],
  ["m", 60n * SECOND],
  ["h", 3_600n * SECOND],
]);
const DURATION_MAX = 2n ** 63n - 1n;
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59.999999999Z. */
const TIMESTAMP_MIN = -62_135_596_800n * SECOND;
const TIMESTAMP_MAX = 253_402_300_800n * SECOND - 1n;
const TEXT_MAX = 256;

/** Go's durations, exactly, in nanoseconds: `1h30m`, `-1.5s`, `0`; null: it is none. */
export function parseDuration(text: string): bigint | null {
  if (text.length > TEXT_MAX) return null;
  const match = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+|0)$/u.exec(text);
  if (match === null) return null;
  let nanos = 0n;
  for (const [, number = "", unit = ""] of (match[2] ?? "").matchAll(/([\d.]+)([a-zµμ]+)/gu)) {
    const [whole = "", fraction = ""] = number.split(".");
    const size = UNITS.get(unit) ?? 1n;
    nanos += BigInt(whole || "0") * size;
    if (fraction !== "") nanos += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length);
  }
  if (nanos > DURATION_MAX) return null;
  return match[1] === "-" ? -nanos : nanos;
}

/** RFC 3339 in nanoseconds since 1970; null: it is none. */
export function parseTimestamp(text: string): bigint | null {
  const instant = parseInstant(text);
  if (instant === null) return null;
  return BigInt(instant.seconds) * SECOND + BigInt(instant.nanos);
}

/** As string() writes it: seconds with up to nine digits, `5400s`, `1.5s`. */
export function durationText(nanos: bigint): string {
  const sign = nanos < 0n ? "-" : "";
  const size = nanos < 0n ? -nanos : nanos;
  return `${sign}${size / SECOND}${fractionText(size % SECOND)}s`;
}

/** RFC 3339 in UTC. */
export function timestampText(nanos: bigint): string {
  const { seconds, rest } = parts(nanos);
  return formatInstant({ seconds, nanos: 0 }).replace("Z", `${fractionText(rest)}Z`);
}

function fractionText(rest: bigint): string {
  return rest === 0n ? "" : `.${String(rest).padStart(9, "0").replace(/0+$/u, "")}`;
}

export function inDurationRange(nanos: bigint): boolean {
  return nanos <= DURATION_MAX && nanos >= -DURATION_MAX - 1n;
}

export function inTimestampRange(nanos: bigint): boolean {
  return nanos >= TIMESTAMP_MIN && nanos <= TIMESTAMP_MAX;
}

function parts(nanos: bigint): { readonly seconds: number; readonly rest: bigint } {
  const rest = ((nanos % SECOND) + SECOND) % SECOND;
  return { seconds: Number((nanos - rest) / SECOND), rest };
}

/** What a calendar says of a moment; months from 0, days of the week from Sunday = 0. */
export interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly millisecond: number;
  readonly dayOfWeek: number;
  readonly dayOfYear: number;
}

/** The calendar's answer, `offsetSeconds` east of UTC. */
export function calendarOf(nanos: bigint, offsetSeconds = 0): CalendarDate {
  const { seconds: utc, rest } = parts(nanos);
  const seconds = utc + offsetSeconds;
  const days = Math.floor(seconds / 86_400);
  const time = seconds - days * 86_400;
  const text = formatInstant({ seconds, nanos: 0 });
  const [year = 0, month = 1, day = 1] = text.slice(0, text.indexOf("T")).split("-").map(Number);
  const newYear = parseInstant(`${String(year).padStart(4, "0")}-01-01T00:00:00Z`);
  return {
    year,
    month: month - 1,
    day,
    hour: Math.floor(time / 3600),
    minute: Math.floor(time / 60) % 60,
    second: time % 60,
    millisecond: Number(rest / 1_000_000n),
    // 1970 began on a Thursday.
    dayOfWeek: (((days + 4) % 7) + 7) % 7,
    dayOfYear: days - Math.floor((newYear?.seconds ?? 0) / 86_400),
  };
}
