import t from "tap";
import type { CronJob } from "../../api/schema/types/batch-v1.gen.js";
import { planCronJob } from "./plan.js";

/**
 * The plan on a made-up clock: it is asked, its Job is written down, and it sleeps until it wants
 * to be asked again, for days around those on which the clocks are changed. The times are those of
 * robfig/cron's own tests (spec_test.go) where it has any.
 */

interface Story {
  readonly schedule: string;
  readonly timeZone?: string;
  readonly from: string;
  readonly until: string;
  readonly expected: readonly string[];
}

/** The times of the Jobs that are started between `from` (excluded) and `until`. */
function startsOf({ schedule, timeZone, from, until }: Story): readonly string[] {
  const starts: string[] = [];
  const untilMs = Date.parse(until);
  let lastScheduleTime: string | undefined;
  let nowMs = Date.parse(from);
  while (nowMs <= untilMs) {
    const cronJob: CronJob = {
      apiVersion: "batch/v1",
      kind: "CronJob",
      metadata: { name: "c", namespace: "default", uid: "u", creationTimestamp: from },
      spec: {
        schedule,
        ...(timeZone === undefined ? {} : { timeZone }),
        concurrencyPolicy: "Allow",
        jobTemplate: { spec: { template: {} } },
      },
      status: lastScheduleTime === undefined ? {} : { lastScheduleTime },
    } as CronJob;
    const { start, requeueAfterMs, events } = planCronJob({
      cronJob,
      jobs: [],
      missing: new Set(),
      nowMs,
    });
    if (events.length > 0) throw new Error(events[0]?.message);
    if (start !== null) {
      const time = `${new Date(start.scheduledMs).toISOString().slice(0, 19)}Z`;
      if (time === lastScheduleTime) throw new Error(`started twice for ${time}`);
      lastScheduleTime = time;
      starts.push(time);
    }
    if (requeueAfterMs === null) break;
    // Started: the status is written, and that asks again at once.
    nowMs += Math.max(1, requeueAfterMs);
  }
  return starts;
}

const NEW_YORK = "America/New_York";
const stories: Readonly<Record<string, Story>> = {
  "without a zone, UTC": {
    schedule: "30 2 * * *",
    from: "2026-02-27T00:00:00Z",
    until: "2026-03-02T00:00:00Z",
    expected: ["2026-02-27T02:30:00Z", "2026-02-28T02:30:00Z", "2026-03-01T02:30:00Z"],
  },
  "spring in New York: 02:30 does not come on that day, and is not made up for": {
    schedule: "30 2 * * *",
    timeZone: NEW_YORK,
    from: "2026-03-07T05:00:00Z",
    until: "2026-03-10T00:00:00Z",
    expected: ["2026-03-07T07:30:00Z", "2026-03-09T06:30:00Z"],
  },
  "spring in New York: 03:00 comes an hour sooner": {
    schedule: "0 3 * * *",
    timeZone: NEW_YORK,
    from: "2026-03-07T05:00:00Z",
    until: "2026-03-10T00:00:00Z",
    expected: ["2026-03-07T08:00:00Z", "2026-03-08T07:00:00Z", "2026-03-09T07:00:00Z"],
  },
  "spring in New York: every hour that there is": {
    schedule: "0 * * * *",
    timeZone: NEW_YORK,
    from: "2026-03-08T05:30:00Z",
    until: "2026-03-08T09:30:00Z",
    expected: ["06", "07", "08", "09"].map((hour) => `2026-03-08T${hour}:00:00Z`),
  },
  "autumn in New York: a job at one runs twice": {
    schedule: "0 1 * * *",
    timeZone: NEW_YORK,
    from: "2026-10-31T12:00:00Z",
    until: "2026-11-03T00:00:00Z",
    expected: ["2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z", "2026-11-02T06:00:00Z"],
  },
  "autumn in New York: 02:30 comes once": {
    schedule: "30 2 * * *",
    timeZone: NEW_YORK,
    from: "2026-10-31T12:00:00Z",
    until: "2026-11-03T00:00:00Z",
    expected: ["2026-11-01T07:30:00Z", "2026-11-02T07:30:00Z"],
  },
  "autumn in New York: every half hour, twice in the hour that comes twice": {
    schedule: "*/30 * * * *",
    timeZone: NEW_YORK,
    from: "2026-11-01T04:45:00Z",
    until: "2026-11-01T07:15:00Z",
    expected: ["05:00", "05:30", "06:00", "06:30", "07:00"].map((at) => `2026-11-01T${at}:00Z`),
  },
  "half an hour in Lord Howe": {
    schedule: "15 2 * * *",
    timeZone: "Australia/Lord_Howe",
    from: "2026-10-02T16:00:00Z",
    until: "2026-10-05T00:00:00Z",
    // On 4 October 02:00 becomes 02:30.
    expected: ["2026-10-04T15:15:00Z"],
  },
  "midnight that does not come: Cairo in April": {
    schedule: "0 0 * * *",
    timeZone: "Africa/Cairo",
    from: "2026-04-22T23:00:00Z",
    until: "2026-04-25T23:00:00Z",
    // On 24 April 00:00 becomes 01:00.
    expected: ["2026-04-24T21:00:00Z", "2026-04-25T21:00:00Z"],
  },
  "@daily in Berlin keeps to local midnight across the change": {
    schedule: "@daily",
    timeZone: "Europe/Berlin",
    from: "2026-03-27T12:00:00Z",
    until: "2026-03-31T00:00:00Z",
    expected: [
      "2026-03-27T23:00:00Z",
      "2026-03-28T23:00:00Z",
      "2026-03-29T22:00:00Z",
      "2026-03-30T22:00:00Z",
    ],
  },
  "@every knows no clocks that are changed": {
    schedule: "@every 6h",
    timeZone: NEW_YORK,
    from: "2026-03-07T22:00:00Z",
    until: "2026-03-08T17:00:00Z",
    expected: ["2026-03-08T04:00:00Z", "2026-03-08T10:00:00Z", "2026-03-08T16:00:00Z"],
  },
  "29 February": {
    schedule: "0 12 29 2 *",
    from: "2026-01-01T00:00:00Z",
    until: "2033-01-01T00:00:00Z",
    expected: ["2028-02-29T12:00:00Z", "2032-02-29T12:00:00Z"],
  },
};

for (const [title, story] of Object.entries(stories))
  void t.test(title, (t) => {
    t.same(startsOf(story), story.expected);
    t.end();
  });

void t.test("a year in New York: each day has its Job, but the one without that time", (t) => {
  const year = { from: "2026-01-01T00:00:00Z", until: "2027-01-01T04:59:59Z" };
  const starts = startsOf({ ...year, schedule: "30 2 * * *", timeZone: NEW_YORK, expected: [] });
  t.equal(starts.length, 364);
  const twice = startsOf({ ...year, schedule: "30 1 * * *", timeZone: NEW_YORK, expected: [] });
  t.equal(twice.length, 366);
  t.end();
});
