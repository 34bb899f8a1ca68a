import { type CronSchedule, parseCron } from "../../api/machinery/cron.js";
import { nextCronTimeMs } from "../../api/machinery/cron-next.js";
import { isTimeZone } from "../../api/machinery/time-zone.js";
import { parseTimeMs } from "../../api/machinery/time.js";
import type { CronJob } from "../../api/schema/types/batch-v1.gen.js";

/** When a CronJob is due, or why nobody can tell. */
export type Timetable =
  | { readonly ok: true; readonly schedule: CronSchedule; readonly zone: string }
  | { readonly ok: false; readonly reason: string; readonly message: string };

/** Reads the schedule and the zone of a CronJob. */
export function timetableOf({ spec }: CronJob): Timetable {
  const { schedule: text, timeZone = "UTC" } = spec;
  if (!isTimeZone(timeZone)) {
    const message = `invalid timeZone: ${JSON.stringify(timeZone)}: unknown time zone ${timeZone}`;
    return { ok: false, reason: "UnknownTimeZone", message };
  }
  const parsed = parseCron(text);
  if (parsed.ok) return { ok: true, schedule: parsed.schedule, zone: timeZone };
  const message = `unparseable schedule: ${JSON.stringify(text)} : ${parsed.error}`;
  return { ok: false, reason: "UnparseableSchedule", message };
}

/** The times of a CronJob as seen from now. */
export interface DueTimes {
  /** The latest that has come and was not started, in ms since 1970; null: none. */
  readonly latestMs: number | null;
  /** More than a hundred have come. */
  readonly tooMany: boolean;
  /** The next that is to come; null: none ever. */
  readonly nextMs: number | null;
}

const MISSED_MAX = 100;
const MINUTE_MS = 60_000;

/**
 * What has come due since the CronJob last started a Job, or was made; not longer ago than
 * startingDeadlineSeconds.
 */
export function dueTimes(
  cronJob: CronJob,
  { schedule, zone }: Extract<Timetable, { ok: true }>,
  nowMs: number,
): DueTimes {
  const { spec, status, metadata } = cronJob;
  const next = (afterMs: number): number | null => nextCronTimeMs(schedule, afterMs, zone);
  const since = status?.lastScheduleTime ?? metadata.creationTimestamp;
  let sinceMs = parseTimeMs(since) ?? nowMs;
  if (spec.startingDeadlineSeconds !== undefined)
    sinceMs = Math.max(sinceMs, nowMs - spec.startingDeadlineSeconds * 1000);
  const firstMs = next(sinceMs);
  if (firstMs === null || firstMs > nowMs)
    return { latestMs: null, tooMany: false, nextMs: firstMs };
  let latestMs = firstMs;
  let count = 1;
  for (let timeMs = next(firstMs); timeMs !== null && timeMs <= nowMs; timeMs = next(timeMs)) {
    latestMs = timeMs;
    count += 1;
    if (count > MISSED_MAX) break;
  }
  const tooMany = count > MISSED_MAX;
  if (tooMany) latestMs = latestBefore(schedule, { sinceMs: firstMs, nowMs, next });
  return { latestMs, tooMany, nextMs: next(schedule.kind === "every" ? latestMs : nowMs) };
}

/** Looks back over times that are twice as long each, so that few lie in the first that has any. */
function latestBefore(
  schedule: CronSchedule,
  { sinceMs, nowMs, next }: { sinceMs: number; nowMs: number; next: (ms: number) => number | null },
): number {
  if (schedule.kind === "every")
    return sinceMs + Math.floor((nowMs - sinceMs) / schedule.periodMs) * schedule.periodMs;
  for (let spanMs = MINUTE_MS; spanMs < nowMs - sinceMs; spanMs *= 2) {
    let found: number | null = null;
    for (let ms = next(nowMs - spanMs - 1); ms !== null && ms <= nowMs; ms = next(ms)) found = ms;
    if (found !== null) return found;
  }
  return sinceMs;
}
