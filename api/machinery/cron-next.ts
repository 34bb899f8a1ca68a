import type { CronField, CronSchedule } from "./cron.js";
import { zoneOffsetMs } from "./time-zone.js";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** As robfig/cron: a schedule that has no time within five years has none. */
const DAYS_MAX = 5 * 366;

type Calendar = Extract<CronSchedule, { kind: "calendar" }>;

/** What a clock on the wall shows. */
interface Wall {
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
}

/**
 * The first time after `afterMs` (ms since 1970) at which something is due; null: never. `zone` is
 * for schedules that name none. Days with 23 and 25 hours are robfig/cron's: an hour that the clock
 * skips has no times, one that it shows twice has them twice. `@every` counts from `afterMs`.
 */
export function nextCronTimeMs(
  schedule: CronSchedule,
  afterMs: number,
  zone: string,
): number | null {
  if (schedule.kind === "every") return Math.floor(afterMs / 1000) * 1000 + schedule.periodMs;
  const timeZone = schedule.timeZone ?? zone;
  const startMs = (Math.floor(afterMs / MINUTE_MS) + 1) * MINUTE_MS;
  const firstDay = wallOf(startMs, timeZone).day;
  for (let day = firstDay; day <= firstDay + DAYS_MAX; day += 1) {
    if (!dayMatches(schedule, day)) continue;
    const fromMs = day === firstDay ? startMs : startOfDayMs(day, timeZone);
    const found = firstWithin(schedule, { day, fromMs, timeZone });
    if (found !== null) return found;
  }
  return null;
}

/** A day matches by date and by weekday; by either when both are restricted. */
function dayMatches(schedule: Calendar, day: number): boolean {
  const date = new Date(day * DAY_MS);
  if (!schedule.month.values.has(date.getUTCMonth() + 1)) return false;
  const { dayOfMonth, dayOfWeek } = schedule;
  const byDate = dayOfMonth.values.has(date.getUTCDate());
  const byWeekday = dayOfWeek.values.has(date.getUTCDay());
  return dayOfMonth.star || dayOfWeek.star ? byDate && byWeekday : byDate || byWeekday;
}

/** Goes through the day by the hours that its clock shows. */
function firstWithin(
  { hour, minute }: Calendar,
  { day, fromMs, timeZone }: { day: number; fromMs: number; timeZone: string },
): number | null {
  let timeMs = fromMs;
  for (let wall = wallOf(timeMs, timeZone); wall.day === day; wall = wallOf(timeMs, timeZone)) {
    const next = hour.values.has(wall.hour) ? firstFrom(minute, wall.minute) : null;
    if (next !== null) {
      const dueMs = timeMs + (next - wall.minute) * MINUTE_MS;
      const due = wallOf(dueMs, timeZone);
      // The clock may be set within the hour.
      if (due.day === day && due.hour === wall.hour && due.minute === next) return dueMs;
    }
    timeMs += (60 - wall.minute) * MINUTE_MS;
  }
  return null;
}

function firstFrom({ values }: CronField, minute: number): number | null {
  for (let candidate = minute; candidate < 60; candidate += 1)
    if (values.has(candidate)) return candidate;
  return null;
}

/** The first moment of the day; where midnight is skipped, the first that there is. */
function startOfDayMs(day: number, timeZone: string): number {
  const midnightMs = day * DAY_MS;
  const before = zoneOffsetMs(midnightMs - DAY_MS, timeZone);
  const after = zoneOffsetMs(midnightMs + DAY_MS, timeZone);
  let timeMs = midnightMs - Math.max(before, after);
  while (wallOf(timeMs, timeZone).day < day) timeMs += HOUR_MS / 4;
  return timeMs;
}

function wallOf(timeMs: number, timeZone: string): Wall {
  const localMs = timeMs + zoneOffsetMs(timeMs, timeZone);
  const day = Math.floor(localMs / DAY_MS);
  const minutes = Math.floor((localMs - day * DAY_MS) / MINUTE_MS);
  return { day, hour: Math.floor(minutes / 60), minute: minutes % 60 };
}
