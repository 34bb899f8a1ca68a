import t from "tap";
import { JOBS, PODS } from "../../api/client/resource-types.js";
import type { Job } from "../../api/schema/types/batch-v1.gen.js";
import type { Pod } from "../../api/schema/types/core-v1.gen.js";
import { ControlPlane } from "./control-plane.js";

/**
 * What decides whether a Job's failed pods count, are replaced, or end it: policies in action, with
 * real loops against a real API server. Their rules, case by case, are in controllers/job.
 */

t.setTimeout(240_000);

/** Failed pods are made anew after 10 s at the soonest. */
const BACK_OFF_MS = 60_000;
const NAME_LABEL = "batch.kubernetes.io/job-name";
const INDEX = "batch.kubernetes.io/job-completion-index";
const FAILURES = "batch.kubernetes.io/job-index-failure-count";

const plane = await ControlPlane.start();
t.teardown(() => plane.stop());
const jobs = plane.client.resource(JOBS);
const pods = plane.client.resource(PODS);

/** How a pod of a Job ends: by its index (0 without), how often that failed, and how many came. */
type Ending = (of: { index: number; failures: number; nth: number }) => number | null;
const endings = new Map<string, Ending>();
const seen = new Map<string, string[]>();
plane.node.exitCode = ({ metadata }: Pod): number | null => {
  const job = metadata.labels?.[NAME_LABEL] ?? "";
  const known = seen.get(job) ?? [];
  seen.set(job, known);
  if (!known.includes(metadata.uid)) known.push(metadata.uid);
  const [index, failures] = [INDEX, FAILURES].map((key) =>
    Number(metadata.annotations?.[key] ?? 0),
  );
  const at = { index: index ?? 0, failures: failures ?? 0, nth: known.indexOf(metadata.uid) };
  return endings.get(job)?.(at) ?? null;
};

async function start(name: string, spec: Partial<Job["spec"]>, ending: Ending): Promise<void> {
  endings.set(name, ending);
  const containers = [{ name: "c", image: "i" }];
  await jobs.create({
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, namespace: "default" },
    spec: { template: { spec: { restartPolicy: "Never", containers } }, ...spec },
  });
}

async function until(name: string, holds: (of: Job) => boolean): Promise<Job> {
  const find = (all: readonly Job[]): Job | undefined =>
    all.find(({ metadata }) => metadata.name === name);
  const isSo = (all: readonly Job[]): boolean => {
    const found = find(all);
    return found !== undefined && holds(found);
  };
  return find(await plane.until(JOBS, isSo, { limitMs: BACK_OFF_MS })) as Job;
}

function ended(type: "Complete" | "Failed"): (of: Job) => boolean {
  return ({ status }) =>
    status?.conditions?.some((one) => one.type === type && one.status === "True") === true;
}

function reasonOf({ status }: Job, type: string): string | undefined {
  return status?.conditions?.find((one) => one.type === type)?.reason;
}

async function podsOf(name: string): Promise<readonly Pod[]> {
  const options = { namespace: "default", labelSelector: `${NAME_LABEL}=${name}` };
  return (await pods.list(options)).items;
}

const onExit = (action: string, ...values: number[]) => ({
  rules: [{ action, onExitCodes: { operator: "In", values } }],
});
const onDisruption = (action: string) => ({
  rules: [{ action, onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }],
});

const stories: Readonly<Record<string, (t: Tap, name: string) => Promise<void>>> = {
  "podFailurePolicy FailIndex: the index is given up at once, the others end": async (t, name) => {
    await start(
      name,
      {
        completionMode: "Indexed",
        completions: 3,
        parallelism: 3,
        backoffLimitPerIndex: 2,
        podFailurePolicy: onExit("FailIndex", 42),
      },
      ({ index }) => (index === 1 ? 42 : 0),
    );
    const done = await until(name, ended("Failed"));
    t.equal(reasonOf(done, "Failed"), "FailedIndexes");
    t.match(done.status, { failedIndexes: "1", completedIndexes: "0,2", failed: 1, succeeded: 2 });
    t.equal((await podsOf(name)).length, 3, "no second pod of index 1");
  },

  "podFailurePolicy FailJob: all of it ends": async (t, name) => {
    const podFailurePolicy = onExit("FailJob", 42);
    const spec = { completions: 3, parallelism: 3, backoffLimit: 9, podFailurePolicy };
    await start(name, spec, ({ nth }) => (nth === 0 ? 42 : null));
    const done = await until(name, ended("Failed"));
    t.equal(reasonOf(done, "Failed"), "PodFailurePolicy");
    t.match(done.status, { terminating: 0 });
    t.equal(done.status?.active ?? 0, 0);
  },

  "podFailurePolicy Ignore: the failure does not count": async (t, name) => {
    const spec = { backoffLimit: 0, podFailurePolicy: onExit("Ignore", 42) };
    await start(name, spec, ({ nth }) => (nth === 0 ? 42 : 0));
    const done = await until(name, ended("Complete"));
    t.match(done.status, { succeeded: 1 });
    t.equal(done.status?.failed ?? 0, 0);
  },

  "podFailurePolicy Count: the failure counts, and a later rule is not asked": async (t, name) => {
    const rules = [...onExit("Count", 42).rules, ...onExit("Ignore", 42).rules];
    await start(name, { backoffLimit: 0, podFailurePolicy: { rules } }, () => 42);
    const done = await until(name, ended("Failed"));
    t.equal(reasonOf(done, "Failed"), "BackoffLimitExceeded");
    t.match(done.status, { failed: 1 });
  },

  "podFailurePolicy Ignore of DisruptionTarget: an evicted pod does not count": async (t, name) => {
    const evicted = new Set<number>();
    const spec = { backoffLimit: 0, podFailurePolicy: onDisruption("Ignore") };
    await start(name, spec, ({ nth }) => (evicted.has(nth) || nth === 0 ? null : 0));
    await evictFirst(name);
    const done = await until(name, ended("Complete"));
    t.match(done.status, { succeeded: 1 });
    t.equal(done.status?.failed ?? 0, 0);
    const [first] = (await podsOf(name)).filter(({ status }) => status?.phase === "Failed");
    t.equal(first, undefined, "it is let go");
  },

  "podFailurePolicy FailJob of DisruptionTarget: an evicted pod ends the Job": async (t, name) => {
    await start(name, { backoffLimit: 9, podFailurePolicy: onDisruption("FailJob") }, () => null);
    await evictFirst(name);
    const done = await until(name, ended("Failed"));
    t.equal(reasonOf(done, "Failed"), "PodFailurePolicy");
    t.match(
      done.status?.conditions?.at(-1)?.message,
      /condition DisruptionTarget matching FailJob/,
    );
  },

  "podReplacementPolicy Failed: another pod only once the old one has ended": async (t, name) => {
    await start(name, { podReplacementPolicy: "Failed", backoffLimit: 9 }, () => null);
    const first = await heldFirst(name);
    await until(name, ({ status }) => status?.terminating === 1 && (status.active ?? 0) === 0);
    t.equal((await podsOf(name)).length, 1);
    letGo(first);
    const after = await until(name, ({ status }) => status?.ready === 1);
    t.match(after.status, { active: 1, failed: 1, terminating: 0 });
  },

  "podReplacementPolicy TerminatingOrFailed: another pod at once": async (t, name) => {
    await start(name, { podReplacementPolicy: "TerminatingOrFailed" }, () => null);
    const first = await heldFirst(name);
    await until(name, ({ status }) => status?.terminating === 1 && status.active === 1);
    t.equal((await podsOf(name)).length, 2);
    letGo(first);
    await until(name, ({ status }) => status?.ready === 1 && status.terminating === 0);
  },

  "successPolicy: enough indexes have succeeded, the others are ended": async (t, name) => {
    const successPolicy = { rules: [{ succeededIndexes: "1-3", succeededCount: 2 }] };
    const indexed = { completionMode: "Indexed", completions: 5, parallelism: 5 };
    const succeed = ({ index }: { index: number }): number | null =>
      index === 0 || index === 2 || index === 3 ? 0 : null;
    await start(name, { ...indexed, successPolicy }, succeed);
    const done = await until(name, ended("Complete"));
    t.equal(reasonOf(done, "SuccessCriteriaMet"), "SuccessPolicy");
    t.equal(reasonOf(done, "Complete"), "SuccessPolicy");
    t.match(done.status, { completedIndexes: "0,2,3", succeeded: 3, terminating: 0 });
    t.equal(done.status?.active ?? 0, 0);
  },

  "backoffLimitPerIndex: each index has retries of its own": async (t, name) => {
    const indexed = { completionMode: "Indexed", completions: 3, parallelism: 3 };
    await start(name, { ...indexed, backoffLimitPerIndex: 1 }, ({ index, failures }) => {
      if (index === 0) return 0;
      return index === 1 && failures === 1 ? 0 : 1;
    });
    const done = await until(name, ended("Failed"));
    t.equal(reasonOf(done, "Failed"), "FailedIndexes");
    t.match(done.status, { completedIndexes: "0,1", failedIndexes: "2", succeeded: 2, failed: 3 });
    const of = (await podsOf(name)).map(({ metadata }) => metadata.annotations?.[INDEX]);
    t.same(
      ["0", "1", "2"].map((index) => of.filter((one) => one === index).length),
      [1, 2, 2],
    );
  },

  "maxFailedIndexes: one too many ends the Job": async (t, name) => {
    const indexed = { completionMode: "Indexed", completions: 4, parallelism: 4 };
    const limits = { backoffLimitPerIndex: 0, maxFailedIndexes: 1 };
    await start(name, { ...indexed, ...limits }, ({ index }) => (index < 2 ? 1 : null));
    const done = await until(name, ended("Failed"));
    t.equal(reasonOf(done, "Failed"), "MaxFailedIndexesExceeded");
    t.equal(done.status?.failedIndexes, "0,1");
    t.equal(done.status?.active ?? 0, 0);
  },
};
type Tap = Pick<typeof t, "equal" | "match" | "same">;

/** Pods that were deleted and are not let go yet, by uid. */
const held = new Set<string>();
plane.node.letsGo = ({ metadata }) => !held.has(metadata.uid);

async function firstPod(name: string): Promise<Pod> {
  await until(name, ({ status }) => status?.ready === 1);
  return (await podsOf(name))[0] as Pod;
}

async function heldFirst(name: string): Promise<Pod> {
  const pod = await firstPod(name);
  held.add(pod.metadata.uid);
  await pods.delete(pod.metadata.name, { namespace: "default" });
  return pod;
}

function letGo({ metadata }: Pod): void {
  held.delete(metadata.uid);
  plane.node.review();
}

async function evictFirst(name: string): Promise<void> {
  const { metadata } = await firstPod(name);
  const path = `/api/v1/namespaces/default/pods/${metadata.name}/eviction`;
  const body = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name: metadata.name } };
  await plane.client.request("POST", path, { body });
}

// At the same time: some wait for a back-off.
await Promise.all(
  Object.entries(stories).map(([title, story], at) =>
    t.test(title, (each) => story(each, `story-${at}`)),
  ),
);
