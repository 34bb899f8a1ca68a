/*
 * Timestamps of the API: RFC 3339, always written in UTC. A Time has whole seconds, a MicroTime six
 * digits of a second. Inside the program times are milliseconds since 1970.
 */

const CANONICAL_TIME =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;
const RFC_3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?(Z|[+-]\d\d:\d\d)$/;

/** A point in time: whole seconds since 1970, and the nanoseconds on top (0 … 999,999,999). */
export interface Instant {
  readonly seconds: number;
  readonly nanos: number;
}

/**
 * Reads an RFC 3339 timestamp; null when it is none (a day or hour that does not exist included).
 */
export function parseInstant(text: string): Instant | null {
  const match = RFC_3339.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const outOfRange =
    month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month) || hour > 23;
  if (outOfRange || minute > 59 || second > 59) return null;
  const offsetSeconds = parseOffset(match[8] ?? "Z");
  if (offsetSeconds === null) return null;
  const seconds =
    daysSince1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offsetSeconds;
  return { seconds, nanos: Number((match[7] ?? "").padEnd(9, "0")) };
}

/** Milliseconds since 1970, or null when the text is no RFC 3339 timestamp. */
export function parseTimeMs(text: string): number | null {
  const instant = parseInstant(text);
  if (instant === null) return null;
  return instant.seconds * 1000 + Math.floor(instant.nanos / 1_000_000);
}

/** A Time: whole seconds in UTC, such as 2026-01-02T03:04:05Z; what is below a second is cut. */
export function formatTime(timeMs: number): string {
  return formatInstant({ seconds: Math.floor(timeMs / 1000), nanos: 0 });
}

/** A MicroTime: six digits of a second, such as 2026-01-02T03:04:05.678000Z. */
export function formatMicroTime(timeMs: number): string {
  const seconds = Math.floor(timeMs / 1000);
  return formatMicroInstant({ seconds, nanos: Math.round((timeMs - seconds * 1000) * 1_000_000) });
}

/** As formatTime. */
export function formatInstant({ seconds }: Instant): string {
  const days = Math.floor(seconds / 86400);
  const rest = seconds - days * 86400;
  const { year, month, day } = dateOf(days);
  const time = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map(two).join(":");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T${time}Z`;
}

/** As formatMicroTime; what is below a microsecond is cut. */
export function formatMicroInstant(instant: Instant): string {
  const micros = String(Math.floor(instant.nanos / 1000)).padStart(6, "0");
  return `${formatInstant(instant).slice(0, -1)}.${micros}Z`;
}

/**
 * The Time in the form in which it is stored: UTC, whole seconds. Null when the text is no
 * timestamp.
 */
export function canonicalTime(text: string): string | null {
  if (CANONICAL_TIME.test(text)) return text;
  const instant = parseInstant(text);
  return instant === null ? null : formatInstant(instant);
}

/**
 * The MicroTime in the form in which it is stored: UTC, six digits. Null when the text is no
 * timestamp.
 */
export function canonicalMicroTime(text: string): string | null {
  const instant = parseInstant(text);
  return instant === null ? null : formatMicroInstant(instant);
}

/**
 * Compares two timestamps by the moment they name, whatever their form: < 0, 0 or > 0; null when
 * one is none.
 */
export function compareTimes(a: string, b: string): number | null {
  const [first, second] = [parseInstant(a), parseInstant(b)];
  if (first === null || second === null) return null;
  return first.seconds - second.seconds || first.nanos - second.nanos;
}

/** How long ago, as tables print ages: 45s, 3m12s, 7m, 5h30m, 3d4h, 12d, 2y30d. */
export function formatAge(durationMs: number): string {
  const seconds = Math.trunc(durationMs / 1000);
  if (seconds < -1) return "<invalid>";
  if (seconds < 0) return "0s";
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return joinAge(minutes, "m", seconds % 60, "s");
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return joinAge(hours, "h", minutes % 60, "m");
  if (hours < 48) return `${hours}h`;
  const days = Math.floor(hours / 24);
  if (hours < 192) return joinAge(days, "d", hours % 24, "h");
  if (days < 730) return `${days}d`;
  const years = Math.floor(days / 365);
  if (years < 8) return joinAge(years, "y", days % 365, "d");
  return `${years}y`;
}

function joinAge(big: number, bigUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big}${bigUnit}` : `${big}${bigUnit}${small}${smallUnit}`;
}

function parseOffset(text: string): number | null {
  if (text === "Z") return 0;
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(4, 6))];
  if (hours > 23 || minutes > 59) return null;
  return (text.startsWith("-") ? -1 : 1) * (hours * 3600 + minutes * 60);
}

function isLeapYear(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

function daysOfMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/**
 * Days from 1970-01-01 in the proleptic Gregorian calendar: years start in March, so that a leap
 * day comes last.
 */
function daysSince1970(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146097 + yearOfEra * 365 + leapDays + dayOfYear - 719468;
}

function dateOf(days: number): { year: number; month: number; day: number } {
  const z = days + 719468;
  const era = Math.floor(z / 146097);
  const dayOfEra = z - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36524) -
      Math.floor(dayOfEra / 146096)) /
      365,
  );
  const leapDays = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  const dayOfYear = dayOfEra - (365 * yearOfEra + leapDays);
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
  };
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

const TIME_ELEMENTS: readonly { readonly name: string; readonly pattern: RegExp }[] = [
  { name: "2006", pattern: /^\d{4}/ },
  { name: "-", pattern: /^-/ },
  { name: "01", pattern: /^\d\d/ },
  { name: "-", pattern: /^-/ },
  { name: "02", pattern: /^\d\d/ },
  { name: "T", pattern: /^T/ },
  { name: "15", pattern: /^\d\d/ },
  { name: ":", pattern: /^:/ },
  { name: "04", pattern: /^\d\d/ },
  { name: ":", pattern: /^:/ },
  { name: "05", pattern: /^\d\d(?:[.,]\d+)?/ },
  { name: "Z07:00", pattern: /^(?:Z|[+-]\d\d:\d\d)/ },
];

/** Why a text is no timestamp, in the words of Go's parser, which clients know. */
export function timeError(text: string): string {
  let rest = text;
  for (const { name, pattern } of TIME_ELEMENTS) {
    const match = pattern.exec(rest);
    if (match === null) {
      const [whole, part] = [JSON.stringify(text), JSON.stringify(rest)];
      const layout = '"2006-01-02T15:04:05Z07:00"';
      return `parsing time ${whole} as ${layout}: cannot parse ${part} as "${name}"`;
    }
    rest = rest.slice(match[0].length);
  }
  if (rest !== "")
    return `parsing time ${JSON.stringify(text)}: extra text: ${JSON.stringify(rest)}`;
  return `parsing time ${JSON.stringify(text)}: ${outOfRangePart(text)} out of range`;
}

function outOfRangePart(text: string): string {
  const [year = 0, month = 0, day = 0] = text.slice(0, 10).split("-").map(Number);
  const [hour = 0, minute = 0, second = 0] = text.slice(11, 19).split(":").map(Number);
  if (month < 1 || month > 12) return "month";
  if (day < 1 || day > daysOfMonth(year, month)) return "day";
  if (hour > 23) return "hour";
  if (minute > 59) return "minute";
  return second > 59 ? "second" : "time zone offset";
}
