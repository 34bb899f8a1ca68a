import { parseGoDuration } from "./go-duration.js";
import { isTimeZone } from "./time-zone.js";

/** The values of one field that match, and whether it was written as `*`. */
export interface CronField {
  readonly values: ReadonlySet<number>;
  /** True: `*` or `?`. A day matches by date and weekday both when one of them is a star. */
  readonly star: boolean;
}

/** When something is due: at times of the calendar, or again and again after a while. */
export type CronSchedule =
  | {
      readonly kind: "calendar";
      readonly minute: CronField;
      readonly hour: CronField;
      readonly dayOfMonth: CronField;
      readonly month: CronField;
      /** 0 is Sunday. */
      readonly dayOfWeek: CronField;
      /** From a prefix TZ= or CRON_TZ=; null: the caller's. */
      readonly timeZone: string | null;
    }
  | { readonly kind: "every"; readonly periodMs: number };

export type ParsedCron =
  | { readonly ok: true; readonly schedule: CronSchedule }
  | { readonly ok: false; readonly error: string };

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names: readonly string[];
}

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const DAYS = "sun mon tue wed thu fri sat".split(" ");
const MINUTE: Bounds = { min: 0, max: 59, names: [] };
const HOUR: Bounds = { min: 0, max: 23, names: [] };
const DAY_OF_MONTH: Bounds = { min: 1, max: 31, names: [] };
const MONTH: Bounds = { min: 1, max: 12, names: MONTHS };
const DAY_OF_WEEK: Bounds = { min: 0, max: 6, names: DAYS };

const DESCRIPTORS: ReadonlyMap<string, string> = new Map([
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
  ["@monthly", "0 0 1 * *"],
  ["@weekly", "0 0 * * 0"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@hourly", "0 * * * *"],
]);
const EVERY = "@every ";
const FIELD_COUNT = 5;

/** The world's fault: the text is no schedule. Never leaves this file. */
class CronError extends Error {}

/**
 * Reads a schedule as robfig/cron v3's ParseStandard does: five fields, names of months and days,
 * descriptors such as @daily, `@every 1h30m`, a time zone in front. Errors are in its words.
 */
export function parseCron(text: string): ParsedCron {
  try {
    return { ok: true, schedule: parse(text) };
  } catch (error) {
    if (error instanceof CronError) return { ok: false, error: error.message };
    throw error;
  }
}

function parse(text: string): CronSchedule {
  if (text === "") throw new CronError("empty spec string");
  const { timeZone, spec } = splitZone(text);
  if (!spec.startsWith("@")) return calendar(spec, timeZone);
  const known = DESCRIPTORS.get(spec);
  if (known !== undefined) return calendar(known, timeZone);
  if (!spec.startsWith(EVERY)) throw new CronError(`unrecognized descriptor: ${spec}`);
  const parsed = parseGoDuration(spec.slice(EVERY.length));
  if (!parsed.ok) throw new CronError(`failed to parse duration ${spec}: ${parsed.error}`);
  const seconds = Math.max(1, Math.trunc(parsed.durationMs / 1000));
  return { kind: "every", periodMs: seconds * 1000 };
}

function splitZone(text: string): { timeZone: string | null; spec: string } {
  if (!/^(CRON_)?TZ=/.test(text)) return { timeZone: null, spec: text };
  const space = text.indexOf(" ");
  const name = text.slice(text.indexOf("=") + 1, space < 0 ? text.length : space);
  // Go reads an empty name as UTC.
  const timeZone = name === "" ? "UTC" : name;
  if (!isTimeZone(timeZone))
    throw new CronError(`provided bad location ${name}: unknown time zone ${name}`);
  return { timeZone, spec: space < 0 ? "" : text.slice(space).trim() };
}

function calendar(spec: string, timeZone: string | null): CronSchedule {
  const fields = spec.split(/\s+/).filter((field) => field !== "");
  if (fields.length !== FIELD_COUNT) {
    const found = `found ${fields.length}: [${fields.join(" ")}]`;
    throw new CronError(`expected exactly ${FIELD_COUNT} fields, ${found}`);
  }
  const [minute = "", hour = "", dayOfMonth = "", month = "", dayOfWeek = ""] = fields;
  return {
    kind: "calendar",
    minute: parseField(minute, MINUTE),
    hour: parseField(hour, HOUR),
    dayOfMonth: parseField(dayOfMonth, DAY_OF_MONTH),
    month: parseField(month, MONTH),
    dayOfWeek: parseField(dayOfWeek, DAY_OF_WEEK),
    timeZone,
  };
}

function parseField(text: string, bounds: Bounds): CronField {
  const values = new Set<number>();
  let star = false;
  for (const part of text.split(",")) {
    if (part === "") continue;
    const range = parseRange(part, bounds);
    star ||= range.star;
    for (let value = range.start; value <= range.end; value += range.step) values.add(value);
  }
  return { values, star };
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
  readonly star: boolean;
}

function parseRange(text: string, bounds: Bounds): Range {
  const [span = "", stepText, ...moreSteps] = text.split("/");
  const [low = "", high, ...moreHyphens] = span.split("-");
  const anything = low === "*" || low === "?";
  if (!anything && moreHyphens.length > 0) throw new CronError(`too many hyphens: ${text}`);
  const start = anything ? bounds.min : numberOrName(low, bounds);
  const single = high === undefined;
  let end = anything ? bounds.max : single ? start : numberOrName(high, bounds);
  if (moreSteps.length > 0) throw new CronError(`too many slashes: ${text}`);
  const step = stepText === undefined ? 1 : parseInteger(stepText);
  // "N/step" means from N to the end.
  if (stepText !== undefined && single) end = bounds.max;
  checkRange({ start, end, step }, bounds, text);
  return { start, end, step, star: anything && step === 1 };
}

function checkRange(
  { start, end, step }: { start: number; end: number; step: number },
  { min, max }: Bounds,
  text: string,
): void {
  const from = `beginning of range (${start})`;
  if (start < min) throw new CronError(`${from} below minimum (${min}): ${text}`);
  if (end > max) throw new CronError(`end of range (${end}) above maximum (${max}): ${text}`);
  if (start > end) throw new CronError(`${from} beyond end of range (${end}): ${text}`);
  if (step === 0) throw new CronError(`step of range should be a positive number: ${text}`);
}

function numberOrName(text: string, { min, names }: Bounds): number {
  const index = names.indexOf(text.toLowerCase());
  return index < 0 ? parseInteger(text) : min + index;
}

function parseInteger(text: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    const cause = `strconv.Atoi: parsing "${text}": invalid syntax`;
    throw new CronError(`failed to parse int from ${text}: ${cause}`);
  }
  const value = Number(text);
  if (value < 0) throw new CronError(`negative number (${value}) not allowed: ${text}`);
  return value;
}
