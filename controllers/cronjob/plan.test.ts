import t from "tap";
import type { CronJob, Job } from "../../api/schema/types/batch-v1.gen.js";
import { ago, controlledBy, meta, NOW_MS } from "../common/test-objects.js";
import { type CronJobPlan, planCronJob } from "./plan.js";

// It is twelve o'clock sharp; the CronJob was made an hour ago.
function cronJob(spec: Partial<CronJob["spec"]> = {}, status: CronJob["status"] = {}): CronJob {
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: meta("c"),
    spec: {
      schedule: "*/10 * * * *",
      concurrencyPolicy: "Allow",
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
      jobTemplate: { spec: { template: {} } },
      ...spec,
    },
    status,
  };
}
function job(name: string, end?: "Complete" | "Failed", secondsAgo = 60): Job {
  const conditions = end === undefined ? [] : [{ type: end, status: "True" }];
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: meta(name, { ownerReferences: [controlledBy("CronJob", "c")] }),
    spec: { template: {} },
    status: {
      startTime: ago(secondsAgo),
      conditions,
      ...(end === "Complete" ? { completionTime: ago(secondsAgo) } : {}),
    },
  };
}
function plan(of: CronJob, jobs: readonly Job[] = [], missing: string[] = []): CronJobPlan {
  return planCronJob({ cronJob: of, jobs, missing: new Set(missing), nowMs: NOW_MS });
}
const active = (...names: string[]) => ({ active: names.map((name) => ({ name, uid: name })) });
const reasons = ({ events }: CronJobPlan): string[] => events.map(({ reason }) => reason);
const MINUTES = Math.floor(NOW_MS / 60_000);

void t.test("a Job is started when it is due, under the name of its time", (t) => {
  const { start, requeueAfterMs } = plan(cronJob());
  t.match(start, {
    scheduledMs: NOW_MS,
    replaces: [],
    job: {
      metadata: {
        name: `c-${MINUTES}`,
        annotations: { "batch.kubernetes.io/cronjob-scheduled-timestamp": ago(0) },
        ownerReferences: [{ kind: "CronJob", controller: true }],
      },
    },
  });
  t.equal(requeueAfterMs, 600_100, "and looked at again for the next");
  const done = plan(cronJob({}, { lastScheduleTime: ago(0) }));
  t.strictSame([done.start, done.requeueAfterMs], [null, 600_100], "once");
  t.equal(plan(cronJob({}, active(`c-${MINUTES}`))).start, null, "even if only its name tells");
  t.end();
});

// Each with the sentence of the documentation that it takes as its case.
const cases: readonly [sentence: string, of: CronJob, starts: boolean, reasons: string[]][] = [
  ["Allow: concurrently running Jobs", cronJob({}, active("old")), true, []],
  [
    "Forbid: the new Job run is skipped when the previous has not finished",
    cronJob({ concurrencyPolicy: "Forbid" }, active("old")),
    false,
    ["JobAlreadyActive"],
  ],
  ["Forbid: nothing runs", cronJob({ concurrencyPolicy: "Forbid" }), true, []],
  ["suspend: all subsequent executions are suspended", cronJob({ suspend: true }), false, []],
  [
    "startingDeadlineSeconds: after missing the deadline that instance is skipped",
    cronJob({ schedule: "55 * * * *", startingDeadlineSeconds: 200 }),
    false,
    [],
  ],
  [
    "within the deadline",
    cronJob({ schedule: "55 * * * *", startingDeadlineSeconds: 400 }),
    true,
    [],
  ],
  [
    "without a deadline it starts however late",
    cronJob({ schedule: "5 11 * * *" }, { lastScheduleTime: ago(86_400) }),
    true,
    [],
  ],
  [
    "more than 100 missed schedules",
    cronJob({ schedule: "* * * * *" }, { lastScheduleTime: ago(7200) }),
    true,
    ["TooManyMissedTimes"],
  ],
  ["a zone that is gone", cronJob({ timeZone: "Mars/Olympus" }), false, ["UnknownTimeZone"]],
  ["no schedule", cronJob({ schedule: "soon" }), false, ["UnparseableSchedule"]],
  ["never", cronJob({ schedule: "0 0 31 2 *" }), false, []],
  ["@every counts from the creation", cronJob({ schedule: "@every 40m" }), true, []],
  ["@every: not yet", cronJob({ schedule: "@every 61m" }), false, []],
];

void t.test("whether a Job is started", (t) => {
  for (const [sentence, of, starts, said] of cases) {
    const planned = plan(of, [job("old")].slice(0, (of.status?.active ?? []).length));
    t.equal(planned.start !== null, starts, sentence);
    t.strictSame(reasons(planned), said, sentence);
  }
  t.end();
});

void t.test("Replace: the currently running Job run is replaced", (t) => {
  const planned = plan(cronJob({ concurrencyPolicy: "Replace" }, active("old")), [job("old")]);
  t.match(planned.start?.replaces, [{ name: "old" }]);
  t.end();
});

void t.test("of many missed times the latest counts", (t) => {
  const late = (schedule: string): number | undefined =>
    plan(cronJob({ schedule }, { lastScheduleTime: ago(86_400 * 30) })).start?.scheduledMs;
  t.equal(late("* * * * *"), NOW_MS);
  t.equal(late("* 3 * * *"), NOW_MS - (9 * 60 - 59) * 60_000 + 0, "03:59 the same day");
  t.equal(late("@every 7m"), NOW_MS - ((86_400 * 30) % 420) * 1000);
  t.end();
});

void t.test("the time zone of the schedule and of what a Job is told", (t) => {
  const { start } = plan(cronJob({ schedule: "50 20 * * *", timeZone: "Asia/Tokyo" }));
  const annotations = start?.job.metadata.annotations;
  t.strictSame(annotations, {
    "batch.kubernetes.io/cronjob-scheduled-timestamp": "2026-01-02T20:50:00+09:00",
  });
  t.end();
});

void t.test("Jobs that ended leave the list, and those that are gone", (t) => {
  const of = cronJob({ suspend: true }, active("a", "b", "c"));
  const planned = plan(of, [job("a", "Complete", 30), job("b")], ["c"]);
  t.match(planned, {
    statusChanged: true,
    status: { ...active("b"), lastSuccessfulTime: ago(30) },
  });
  t.strictSame(
    planned.events.map(({ message }) => message),
    ["Saw completed job: a, condition: Complete", "Active job went missing: c"],
  );
  t.strictSame(reasons(plan(cronJob({ suspend: true }), [job("x")])), ["UnexpectedJob"]);
  t.equal(plan(cronJob({ suspend: true })).statusChanged, false, "an unchanged world");
  t.end();
});

void t.test("history limits: how many finished Jobs are kept", (t) => {
  const jobs = [
    ...[50, 40, 30, 20].map((at) => job(`ok${at}`, "Complete", at)),
    ...[45, 15].map((at) => job(`bad${at}`, "Failed", at)),
    job("running"),
  ];
  const gone = (of: CronJob): string[] => plan(of, jobs).cleanup.map((j) => j.metadata.name);
  const still = { suspend: true };
  t.strictSame(gone(cronJob(still)), ["ok50", "bad45"]);
  t.strictSame(gone(cronJob({ ...still, successfulJobsHistoryLimit: 0 })).length, 5);
  t.end();
});
