import t from "tap";
import type { Job } from "../../api/schema/types/batch-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { ago, NOW_MS } from "../common/test-objects.js";
import { type JobPlan, planJob } from "./plan.js";
import { job, jobPod } from "./test-jobs.js";

const names = (pods: readonly Pod[]): string[] => pods.map(({ metadata }) => metadata.name);
function plan(of: Job, pods: readonly Pod[]): JobPlan {
  return planJob({ job: of, pods, nowMs: NOW_MS });
}
function statusOf(planned: JobPlan): NonNullable<ReturnType<JobPlan["statusAfter"]>> {
  return planned.statusAfter(planned.create.length) ?? {};
}
/** The Job as it is after the plan was carried out, and what its released pods are then. */
function after(of: Job, pods: readonly Pod[]): { job: Job; pods: readonly Pod[]; plan: JobPlan } {
  const planned = plan(of, pods);
  const released = new Set(planned.release);
  return {
    plan: planned,
    job: { ...of, status: planned.statusAfter(planned.create.length) ?? of.status ?? {} },
    pods: pods
      .filter((pod) => !planned.remove.includes(pod))
      .map((pod) =>
        released.has(pod) ? { ...pod, metadata: { ...pod.metadata, finalizers: [] } } : pod,
      ),
  };
}
/** Goes on until nothing changes, making no pods. */
function settle(of: Job, pods: readonly Pod[]): Job {
  let world = { job: of, pods };
  for (let i = 0; i < 6; i += 1) world = after(world.job, world.pods);
  return world.job;
}
const conditionsOf = ({ status }: Job): string[] =>
  (status?.conditions ?? []).map(({ type, status: is, reason }) => `${type}=${is} ${reason}`);
const succeeded = (name: string, index?: number): Pod =>
  jobPod(name, { phase: "Succeeded", ...(index === undefined ? {} : { index }) });
const failed = (name: string, more: Parameters<typeof jobPod>[1] = {}): Pod =>
  jobPod(name, { phase: "Failed", ...more });

// Each with the sentence of the documentation that it takes as its case.
const sizes: readonly [sentence: string, of: Job, pods: readonly Pod[], create: number][] = [
  ["non-parallel: only one Pod is started, unless the Pod fails", job(), [], 1],
  ["nothing more is started while it runs", job(), [jobPod("a")], 0],
  ["parallelism: many pods at any time", job({ parallelism: 3, completions: 5 }), [], 3],
  [
    "the number of Pods running in parallel will not exceed the number of remaining completions",
    job({ parallelism: 5, completions: 3 }, { status: { startTime: ago(9), succeeded: 1 } }),
    [],
    2,
  ],
  ["parallelism 0: effectively paused until it is increased", job({ parallelism: 0 }), [], 0],
  [
    "work queue: when any Pod has terminated with success, no new Pods are created",
    { ...job({ parallelism: 3 }), spec: withoutCompletions(3) },
    [succeeded("a"), jobPod("b")],
    0,
  ],
  ["a failed pod is replaced", job(), [failed("a", { counted: true })], 1],
  [
    "TerminatingOrFailed: a pod is replaced as soon as it is terminating",
    job({ podReplacementPolicy: "TerminatingOrFailed" }),
    [jobPod("a", { going: true })],
    1,
  ],
  [
    "Failed: wait until the previous Pod is fully terminated",
    job({ podReplacementPolicy: "Failed" }),
    [jobPod("a", { going: true })],
    0,
  ],
  ["suspended Jobs create no pods", job({ suspend: true }), [], 0],
];

function withoutCompletions(parallelism: number): Job["spec"] {
  const { completions: _none, ...spec } = job({ parallelism }).spec;
  return spec;
}

void t.test("how many pods are started", (t) => {
  for (const [sentence, of, pods, create] of sizes)
    t.equal(plan(of, pods).create.length, create, sentence);
  t.end();
});

void t.test("a pod is named in the status, then released, then counted, once", (t) => {
  const first = after(job({ completions: 2 }), [succeeded("a"), failed("b")]);
  t.match(first.job.status, {
    succeeded: 0,
    failed: 0,
    uncountedTerminatedPods: { succeeded: ["a"], failed: ["b"] },
  });
  t.strictSame(names(first.plan.release), ["a", "b"]);
  const again = after(first.job, [succeeded("a"), failed("b")]);
  t.strictSame(names(again.plan.release), ["a", "b"], "a crash in between repeats the release");
  t.match(again.job.status, { succeeded: 0, failed: 0 }, "and counts nothing twice");
  const second = after(first.job, first.pods);
  t.match(second.job.status, { succeeded: 1, failed: 1 });
  t.strictSame(second.job.status?.uncountedTerminatedPods, {});
  const third = after(second.job, second.pods);
  t.match(third.job.status, { succeeded: 1, failed: 1 }, "once");
  t.strictSame(after(first.job, []).job.status?.failed, 1, "gone pods were released");
  t.end();
});

void t.test("a Job with enough successes is Complete when all is counted", (t) => {
  const [a, b] = [succeeded("a"), succeeded("b")];
  const first = after(job({ completions: 2, parallelism: 2 }), [a, b]);
  t.strictSame(conditionsOf(first.job), ["SuccessCriteriaMet=True CompletionsReached"]);
  const second = after(first.job, first.pods);
  t.strictSame(conditionsOf(second.job), [
    "SuccessCriteriaMet=True CompletionsReached",
    "Complete=True CompletionsReached",
  ]);
  t.match(second.job.status, { succeeded: 2, active: 0, completionTime: ago(0) });
  t.match(second.plan.events, [{ reason: "Completed", message: "Job completed" }]);
  const { statusAfter, release, create } = plan(second.job, second.pods);
  t.strictSame([statusAfter(0), release, create], [null, [], []], "an ended Job is left alone");
  t.end();
});

void t.test("more successes than were asked for are said", (t) => {
  const pods = [succeeded("a"), succeeded("b"), succeeded("c")];
  const first = after(job({ completions: 2, parallelism: 2 }), pods);
  const { plan: last } = after(first.job, first.pods);
  t.strictSame(last.events, [
    {
      type: "Warning",
      reason: "TooManySucceededPods",
      message: "Too many succeeded pods running after completion count reached",
    },
    { type: "Normal", reason: "Completed", message: "Job completed" },
  ]);
  t.end();
});

const ends: readonly [sentence: string, of: Job, pods: readonly Pod[], reason: string | null][] = [
  [
    "backoffLimit: the number of retries before considering a Job as failed",
    job({ backoffLimit: 1 }),
    [failed("a"), failed("b")],
    "BackoffLimitExceeded",
  ],
  ["backoffLimit not yet exceeded", job({ backoffLimit: 1 }), [failed("a")], null],
  [
    "activeDeadlineSeconds: once a Job reaches it, all of its running Pods are terminated",
    job({ activeDeadlineSeconds: 60 }),
    [jobPod("a")],
    "DeadlineExceeded",
  ],
  ["not reached", job({ activeDeadlineSeconds: 61 }), [jobPod("a")], null],
  [
    "it applies to active, not to suspended Jobs",
    job({ activeDeadlineSeconds: 1, suspend: true }),
    [],
    null,
  ],
  [
    "FailJob: the Pod's job will be marked as Failed and all running Pods terminated",
    withPolicy("FailJob", [42]),
    [failed("a", { exitCode: 42 })],
    "PodFailurePolicy",
  ],
  ["another exit code", withPolicy("FailJob", [42]), [failed("a", { exitCode: 1 })], null],
  [
    "Ignore: the counter towards backoffLimit is not incremented",
    withPolicy("Ignore", [42], { backoffLimit: 0 }),
    [failed("a", { exitCode: 42 })],
    null,
  ],
  [
    "Count: the Pod is handled in the default way",
    withPolicy("Count", [42], { backoffLimit: 0 }),
    [failed("a", { exitCode: 42 })],
    "BackoffLimitExceeded",
  ],
  [
    "DisruptionTarget: disruptions can be left out of the count",
    job({
      backoffLimit: 0,
      podReplacementPolicy: "Failed",
      podFailurePolicy: {
        rules: [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] }],
      },
    }),
    [failed("a", { exitCode: 137, condition: "DisruptionTarget" })],
    null,
  ],
];

function withPolicy(action: string, values: number[], more: Partial<Job["spec"]> = {}): Job {
  const onExitCodes = { operator: "In", values };
  const podFailurePolicy = { rules: [{ action, onExitCodes }] };
  return job({ podReplacementPolicy: "Failed", podFailurePolicy, ...more });
}

void t.test("how a Job fails", (t) => {
  for (const [sentence, of, pods, reason] of ends) {
    const ended = conditionsOf(after(of, pods).job).filter((c) => c.startsWith("FailureTarget"));
    t.strictSame(ended, reason === null ? [] : [`FailureTarget=True ${reason}`], sentence);
    if (reason === null) continue;
    t.ok(conditionsOf(settle(of, pods)).includes(`Failed=True ${reason}`), sentence);
  }
  const message = plan(withPolicy("FailJob", [42]), [failed("a", { exitCode: 42 })]);
  t.match(statusOf(message).conditions, [
    {
      message:
        "Container c for pod default/a failed with exit code 42 matching FailJob rule at index 0",
    },
  ]);
  t.end();
});

void t.test("a failing Job says so before it removes its pods, and ends after them", (t) => {
  const running = jobPod("r");
  const first = after(job({ backoffLimit: 0, parallelism: 2 }), [failed("a"), running]);
  t.strictSame(first.plan.remove, [], "first the status");
  t.strictSame(first.job.status?.uncountedTerminatedPods?.failed, ["a", "r"], "both have failed");
  const second = plan(first.job, first.pods);
  t.strictSame(names(second.remove), ["r"]);
  t.match(statusOf(second), { active: 0, terminating: 1, failed: 2 });
  t.notMatch(statusOf(second).conditions, [{}, { type: "Failed" }]);
  const gone = plan({ ...first.job, status: statusOf(second) }, [first.pods[0] as Pod]);
  t.match(statusOf(gone).conditions, [{ type: "FailureTarget" }, { type: "Failed" }]);
  t.match(gone.events, [{ type: "Warning", reason: "BackoffLimitExceeded" }]);
  t.end();
});

void t.test("failed Pods are recreated with an exponential back-off delay", (t) => {
  const wait = (...pods: Pod[]): number | null => plan(job(), pods).requeueAfterMs;
  t.equal(wait(failed("a", { endedFor: 0, counted: true })), 10_000);
  t.equal(wait(failed("a", { endedFor: 4, counted: true })), 6000);
  const both = [failed("a", { endedFor: 30 }), failed("b", { endedFor: 0 })];
  t.equal(plan(job(), both).requeueAfterMs, 20_000, "10s, 20s, 40s ...");
  const healed = [failed("a", { endedFor: 9 }), jobPod("s", { phase: "Succeeded", endedFor: 5 })];
  t.equal(plan(job({ completions: 3 }), healed).create.length, 1, "a success resets it");
  t.end();
});

void t.test("suspend: running Pods are terminated, and a resumed Job starts anew", (t) => {
  const of = job({ suspend: true });
  const held = plan(of, [jobPod("a")]);
  t.strictSame(names(held.remove), ["a"]);
  t.ok(held.removedUncounted, "which is no failure");
  t.match(held.events, [{ reason: "Suspended", message: "Job suspended" }]);
  t.match(statusOf(held), { conditions: [{ type: "Suspended", status: "True" }] });
  const resumed = plan({ ...job(), status: statusOf(held) }, []);
  t.equal(resumed.create.length, 1);
  t.match(resumed.events, [{ reason: "Resumed", message: "Job resumed" }]);
  t.match(statusOf(resumed), {
    startTime: ago(0),
    conditions: [{ type: "Suspended", status: "False", reason: "JobResumed" }],
  });
  t.end();
});

void t.test("fewer in parallel: the cheapest go, and do not count as failed", (t) => {
  const pods = [jobPod("a"), jobPod("b", { phase: "Pending" }), jobPod("c")];
  const planned = plan(job({ parallelism: 2, completions: 9 }), pods);
  t.strictSame(names(planned.remove), ["b"]);
  t.ok(planned.removedUncounted);
  t.end();
});

void t.test("a deleted Job lets its pods go", (t) => {
  const of = job({}, { meta: { deletionTimestamp: ago(1) } });
  const planned = plan(of, [jobPod("a"), jobPod("b", { going: true })]);
  t.strictSame(names(planned.release), ["a", "b"]);
  t.strictSame(planned.create, []);
  t.end();
});

void t.test("an unchanged world gives an empty plan", (t) => {
  const world = after(job({ parallelism: 2, completions: 3 }), [jobPod("a"), jobPod("b")]);
  const { statusAfter, remove, create, release, events } = plan(world.job, world.pods);
  t.strictSame([statusAfter(0), remove, create, release, events], [null, [], [], [], []]);
  t.end();
});
