import t from "tap";
import type { Job } from "../../api/schema/types/batch-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { NOW_MS } from "../common/test-objects.js";
import { IndexSet } from "./index-set.js";
import { COMPLETION_INDEX } from "./job-pods.js";
import { newJobPod } from "./new-pod.js";
import { type JobPlan, planJob } from "./plan.js";
import { job, jobPod } from "./test-jobs.js";

const indexed = (more: Partial<Job["spec"]> = {}, status: Job["status"] = {}): Job =>
  job({ completionMode: "Indexed", completions: 5, parallelism: 3, ...more }, { status });
const plan = (of: Job, pods: readonly Pod[]): JobPlan => planJob({ job: of, pods, nowMs: NOW_MS });
const made = (of: Job, pods: readonly Pod[]): (number | null)[] =>
  plan(of, pods).create.map(({ index }) => index);
const ok = (index: number): Pod => jobPod(`ok${index}`, { phase: "Succeeded", index });

void t.test("sets of indexes", (t) => {
  t.equal(IndexSet.of([7, 1, 3, 4, 5, 10, 11]).toString(), "1,3-5,7,10,11");
  t.equal(IndexSet.parse("1,3-5,9", 5).toString(), "1,3,4", "none above the completions");
  t.equal(IndexSet.parse("1,3-5,9", 20).size, 5);
  t.strictSame(IndexSet.parse("0,2-3", 9).missing(3, 6), [1, 4, 5]);
  t.strictSame(IndexSet.of([]).missing(9, 2), [0, 1]);
  t.ok(IndexSet.parse("0,2-30", 99).has(29));
  t.notOk(IndexSet.parse("0,2-30", 99).has(1));
  t.equal(IndexSet.parse("0-4", 9).countIn(IndexSet.parse("3-8", 9)), 2);
  t.end();
});

void t.test("each index gets one pod, the lowest first", (t) => {
  t.strictSame(made(indexed(), []), [0, 1, 2]);
  t.strictSame(made(indexed(), [ok(0), jobPod("a", { index: 2 })]), [1, 3]);
  t.strictSame(made(indexed({}, { completedIndexes: "0-2" }), []), [3, 4]);
  const { status } = { status: plan(indexed(), [ok(0), ok(2), ok(3)]).statusAfter(0) };
  t.match(status, { succeeded: 3, completedIndexes: "0,2,3" });
  t.end();
});

void t.test("two pods of one index: one goes; one without an index goes", (t) => {
  const pods = [jobPod("a", { index: 0 }), jobPod("b", { index: 0, phase: "Pending" })];
  t.match(plan(indexed(), pods).remove, [{ metadata: { name: "b" } }]);
  t.match(plan(indexed(), [jobPod("odd")]).remove, [{ metadata: { name: "odd" } }]);
  t.end();
});

void t.test("elastic: an index above the completions goes", (t) => {
  const of = indexed({ completions: 2, parallelism: 2 });
  const pods = [0, 1, 2].map((index) => jobPod(`p${index}`, { index }));
  t.match(plan(of, pods).remove, [{ metadata: { name: "p2" } }]);
  t.end();
});

const perIndex = { backoffLimitPerIndex: 1 };
const failed = (index: number, failures: number, exitCode = 1): Pod =>
  jobPod(`f${index}-${failures}`, { phase: "Failed", index, failures, exitCode });

void t.test("backoffLimitPerIndex: retries of each index by itself", (t) => {
  const first = plan(indexed(perIndex), [failed(0, 0)]);
  t.match(first.create, [
    { index: 0, failures: { counted: 1, ignored: 0 } },
    { index: 1, failures: { counted: 0, ignored: 0 } },
    { index: 2 },
  ]);
  t.strictSame(first.release, [], "it holds the count until its successor is there");
  const replaced = plan(indexed(perIndex), [failed(0, 0), jobPod("n", { index: 0 })]);
  t.match(replaced.release, [{ metadata: { name: "f0-0" } }]);
  const over = plan(indexed(perIndex), [failed(0, 1)]);
  t.match(over.statusAfter(0), { failedIndexes: "0" });
  t.notOk(
    over.create.some(({ index }) => index === 0),
    "a failed index is not tried again",
  );
  t.end();
});

const FAIL_INDEX = {
  podReplacementPolicy: "Failed",
  podFailurePolicy: {
    rules: [{ action: "FailIndex", onExitCodes: { operator: "In", values: [42] } }],
  },
};

void t.test("FailIndex: no unnecessary retries within the index of a failed pod", (t) => {
  const planned = plan(indexed({ ...perIndex, ...FAIL_INDEX }), [failed(0, 0, 42)]);
  t.match(planned.statusAfter(0), { failedIndexes: "0" });
  t.strictSame(
    planned.create.map(({ index }) => index),
    [1, 2, 3],
  );
  t.end();
});

void t.test("a Job with failed indexes fails once every index has ended", (t) => {
  const of = indexed({ ...perIndex, completions: 2 }, { completedIndexes: "1", succeeded: 1 });
  const reasonsOf = (planned: JobPlan): unknown[] =>
    (planned.statusAfter(0)?.conditions ?? []).map(({ type, reason }) => [type, reason]);
  t.strictSame(reasonsOf(plan(of, [failed(0, 1)])), [["FailureTarget", "FailedIndexes"]]);
  const most = indexed({ ...perIndex, maxFailedIndexes: 1 });
  t.strictSame(reasonsOf(plan(most, [failed(0, 1)])), []);
  const reasons = reasonsOf(plan(most, [failed(0, 1), failed(1, 1)]));
  t.strictSame(reasons, [["FailureTarget", "MaxFailedIndexesExceeded"]]);
  t.end();
});

const policies: readonly [string, NonNullable<Job["spec"]["successPolicy"]>, number[], boolean][] =
  [
    ["succeededIndexes: all of them", { rules: [{ succeededIndexes: "0,2" }] }, [0, 2], true],
    ["succeededIndexes: not all yet", { rules: [{ succeededIndexes: "0,2" }] }, [0], false],
    ["succeededCount: any of them", { rules: [{ succeededCount: 2 }] }, [1, 4], true],
    [
      "both: so many of the named",
      { rules: [{ succeededIndexes: "0-2", succeededCount: 1 }] },
      [2],
      true,
    ],
    [
      "both: others do not count",
      { rules: [{ succeededIndexes: "0-2", succeededCount: 1 }] },
      [3],
      false,
    ],
  ];

void t.test("successPolicy: when a Job can be declared as succeeded", (t) => {
  for (const [sentence, successPolicy, indexes, met] of policies) {
    const planned = plan(indexed({ successPolicy }), indexes.map(ok));
    const conditions = planned.statusAfter(0)?.conditions ?? [];
    const expected = { type: "SuccessCriteriaMet", reason: "SuccessPolicy" };
    t.match(conditions, met ? [expected] : [], sentence);
    if (met) t.equal(conditions[0]?.message, "Matched rules at index 0");
  }
  t.end();
});

void t.test("a pod knows its index: annotation, label, host name, environment", (t) => {
  const pod = newJobPod(indexed(), { index: 3, failures: null });
  t.match(pod, {
    metadata: {
      generateName: "j-3-",
      annotations: { [COMPLETION_INDEX]: "3" },
      labels: { [COMPLETION_INDEX]: "3" },
      finalizers: ["batch.kubernetes.io/job-tracking"],
    },
    spec: { hostname: "j-3", containers: [{ env: [{ name: "JOB_COMPLETION_INDEX" }] }] },
  });
  const long = { ...indexed(), metadata: { ...indexed().metadata, name: "n".repeat(63) } };
  const name = newJobPod(long, { index: 12, failures: null }).metadata.generateName ?? "";
  t.equal(name.length, 58);
  t.match(name, /n-12-$/);
  t.end();
});
